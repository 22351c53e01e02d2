/** Says on stderr how far a run is: one line that is written over on a terminal, plain lines elsewhere. */
export interface Progress {
  /** A turn begins: `done` of `total` are over. */
  turn(done: number, total: number, label: string): void;
  warn(line: string): void;
  end(): void;
}

/** How often a plain line is written where stderr is no terminal. */
const PLAIN_EVERY_MS = 5_000;
const CLEAR_LINE = "\r\x1b[K";

export function createProgress(quiet: boolean): Progress {
  const encoder = new TextEncoder();
  const write = (text: string) => {
    Deno.stderr.writeSync(encoder.encode(text));
  };
  if (quiet) return { turn() {}, warn: (line) => write(`${line}\n`), end() {} };
  const began_ms = performance.now();
  if (Deno.stderr.isTerminal()) {
    return {
      turn: (done, total, label) =>
        write(`${CLEAR_LINE}${progressLine(done, total, performance.now() - began_ms, label)}`),
      warn: (line) => write(`${CLEAR_LINE}${line}\n`),
      end: () => write(CLEAR_LINE),
    };
  }
  let written_ms = -Infinity;
  return {
    turn(done, total, label) {
      const now = performance.now();
      if (now - written_ms < PLAIN_EVERY_MS) return;
      written_ms = now;
      write(`${progressLine(done, total, now - began_ms, label)}\n`);
    },
    warn: (line) => write(`${line}\n`),
    end() {},
  };
}

/**
 * How far a run is, and how long the rest takes if it goes on as it went.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progressLine } from "./progress.ts";
 *
 * assertEquals(progressLine(5, 20, 10_000, "smoke"), "5/20 trials, 30 s left: smoke");
 * ```
 */
export function progressLine(
  done: number,
  total: number,
  elapsed_ms: number,
  label: string,
): string {
  const left_s = done === 0 ? null : Math.ceil(elapsed_ms / done * (total - done) / 1000);
  return `${done}/${total} trials${left_s === null ? "" : `, ${left_s} s left`}: ${label}`;
}
