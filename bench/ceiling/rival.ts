import type { Channel, Point, RivalName } from "./point.ts";

/** A program that moves a device's state another way. */
export interface Rival {
  readonly name: RivalName;
  /** The channels that it has a counterpart of. */
  readonly channels: readonly Channel[];
  /** The program and its arguments that move this many bytes once. */
  command(point: Point, bytes: number): readonly [program: string, ...args: string[]];
}

/** A rival that did not come to its end. */
export class RivalError extends Error {
  override name = "RivalError";
}

/** No rival takes so long for a state that fits in memory. */
const LONGEST_MS = 5 * 60_000;

/**
 * Runs a rival once. What it prints is a line of JSON for each time it moved the state,
 * `{"bytes":N,"seconds":S}`, of which the last one counts: those before are its warm-up.
 *
 * @param signal Ends it
 * @returns Its throughput, in bytes per second
 * @throws {RivalError} in one line, also where it was ended
 */
export async function measureRival(
  { name, command }: Rival,
  point: Point,
  bytes: number,
  signal: AbortSignal,
): Promise<number> {
  const [program, ...args] = command(point, bytes);
  const tooLong = AbortSignal.timeout(LONGEST_MS);
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.any([signal, tooLong]),
  }).output();
  if (tooLong.aborted) {
    throw new RivalError(`Cannot measure ${name}: it did not end within ${LONGEST_MS / 1000} s`);
  }
  const lines = textOf(stdout).split("\n");
  const said = lines.at(-1) ?? "";
  if (!success) {
    const [first = ""] = textOf(stderr).split("\n");
    const complaint = first.replace(UNCAUGHT, "") || "it failed and did not say why";
    throw new RivalError(`Cannot measure ${name}: ${complaint}`);
  }
  const moved = readLine(said);
  if (moved === undefined) {
    throw new RivalError(`Cannot measure ${name}: received ${JSON.stringify(said)}`);
  }
  return moved.bytes / moved.seconds;
}

/** What Deno says before an error's own words. */
const UNCAUGHT = /^error: (Uncaught (\(in promise\) )?)?([A-Z]\w*Error: )?/;

function readLine(line: string): { readonly bytes: number; readonly seconds: number } | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  if (!("bytes" in said) || !("seconds" in said)) return undefined;
  const { bytes, seconds } = said;
  if (typeof bytes !== "number" || typeof seconds !== "number") return undefined;
  return bytes > 0 && seconds > 0 ? { bytes, seconds } : undefined;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}
