/** Says on stderr how far a run is: one line that is written over on a terminal, plain lines elsewhere. */
export interface Progress {
  /** A turn begins. */
  turn(state: ProgressState, label: string): void;
  warn(line: string): void;
  end(): void;
}

/** How far a run is. */
export interface ProgressState {
  /** The trials that are over, warm-up among them. */
  readonly done: number;
  /** How many of those were there before: the run was gone on with. */
  readonly doneBefore?: number;
  readonly total: number;
  /** Whether the total is what the trials so far lead to expect. */
  readonly isGuess?: boolean;
  /** The most that the run may still take. */
  readonly atMost_ms?: number;
}

/** How often a plain line is written where stderr is no terminal. */
const PLAIN_EVERY_MS = 5_000;
/** How often a line on a terminal is written over: virtual trials are quicker than anyone reads. */
const TERMINAL_EVERY_MS = 50;
const CLEAR_LINE = "\r\x1b[K";

export function createProgress(quiet: boolean): Progress {
  const encoder = new TextEncoder();
  const write = (text: string) => {
    Deno.stderr.writeSync(encoder.encode(text));
  };
  if (quiet) return { turn() {}, warn: (line) => write(`${line}\n`), end() {} };
  const began_ms = performance.now();
  const isTerminal = Deno.stderr.isTerminal();
  const every_ms = isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let written_ms = -Infinity;
  return {
    turn(state, label) {
      const now = performance.now();
      if (now - written_ms < every_ms) return;
      written_ms = now;
      const line = progressLine(state, now - began_ms, label);
      write(isTerminal ? `${CLEAR_LINE}${line}` : `${line}\n`);
    },
    warn: (line) => write(isTerminal ? `${CLEAR_LINE}${line}\n` : `${line}\n`),
    end() {
      if (isTerminal) write(CLEAR_LINE);
    },
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
 * assertEquals(progressLine({ done: 5, total: 20 }, 10_000, "smoke"), "5/20 trials, 30 s left: smoke");
 * assertEquals(
 *   progressLine({ done: 5, total: 20, isGuess: true, atMost_ms: 9_000 }, 10_000, "smoke"),
 *   "5/~20 trials, 9 s left: smoke",
 * );
 * ```
 */
export function progressLine(
  { done, doneBefore = 0, total, isGuess = false, atMost_ms = Infinity }: ProgressState,
  elapsed_ms: number,
  label: string,
): string {
  const each_ms = done === doneBefore ? undefined : elapsed_ms / (done - doneBefore);
  const rest_ms = each_ms === undefined ? atMost_ms : Math.min(each_ms * (total - done), atMost_ms);
  const left = Number.isFinite(rest_ms) ? `, ${Math.ceil(rest_ms / 1000)} s left` : "";
  return `${done}/${isGuess ? "~" : ""}${total} trials${left}: ${label}`;
}
