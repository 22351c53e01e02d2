import { readRecordedLines, type RecordedLine } from "./recording_lines.ts";

/** What comparing two recordings found. */
export interface SequenceComparison {
  /** How many calls are the same, up to the end or the first difference. */
  readonly calls: number;
  /** The first difference in one line, null where there is none. */
  readonly difference: string | null;
}

/** The calls that a device answers, each with what its answer is made of. How it was opened is not among them. */
const COMPARED: Readonly<Record<string, readonly string[]>> = {
  "GET MIGRATION": ["flags"],
  "SET MIG_PRECOPY_INFOv2": [],
  "GET MIG_DEVICE_STATE": ["state"],
  "SET MIG_DEVICE_STATE": ["state"],
  "GET MIG_DATA_SIZE": ["stop_copy_length"],
  "VFIO_MIG_GET_PRECOPY_INFO": ["flags", "initial_bytes", "dirty_bytes"],
  "read": ["count", "stream_offset"],
  "write": ["count", "stream_offset"],
  "VFIO_DEVICE_RESET": [],
};

/** Calls whose fields are the answer: a failed one has none. */
const QUERIES: ReadonlySet<string> = new Set(["GET MIG_DATA_SIZE", "VFIO_MIG_GET_PRECOPY_INFO"]);

/**
 * Compares what was asked of two devices and what they answered, call by call, times aside: sides, calls,
 * results, errno, states, sizes and flags, but not the bytes, which may be another device's. A failed query's sizes
 * say nothing and are not looked at.
 *
 * Both are gone through once; what is held of them does not depend on their length.
 *
 * @throws {RecordingError} where one of them cannot be read
 */
export async function compareSequences(a: string, b: string): Promise<SequenceComparison> {
  const [left, right] = [sequenceOf(a), sequenceOf(b)];
  try {
    for (let calls = 0;; calls++) {
      const [one, other] = [await left.next(), await right.next()];
      if (one.done && other.done) return { calls, difference: null };
      const [mine, theirs] = [one.value, other.value];
      if (mine?.text === theirs?.text) continue;
      const difference = `call ${calls}: ${describe(a, mine)}, ${describe(b, theirs)}`;
      return { calls, difference };
    }
  } finally {
    await Promise.all([left.return(undefined), right.return(undefined)]);
  }
}

interface Compared {
  readonly text: string;
  readonly line: number;
}

/** What is compared of a recording, call by call. */
async function* sequenceOf(path: string): AsyncGenerator<Compared> {
  for await (const block of readRecordedLines(path, "compare")) {
    for (const { line, number } of block) {
      const text = textOf(line);
      if (text !== null) yield { text, line: number };
    }
  }
}

/** A call as it is compared and told; null for what is not compared. */
function textOf(line: RecordedLine): string | null {
  const { dev, call } = line;
  if (typeof call !== "string" || !Object.hasOwn(COMPARED, call)) return null;
  const failed = Number(line.ret) < 0;
  const keys = failed && QUERIES.has(call) ? [] : COMPARED[call] ?? [];
  const fields = keys.map((key) => ` ${key}=${String(line[key]).trim()}`).join("");
  return `${dev} ${call}${fields} -> ${failed ? `errno ${line.errno}` : line.ret}`;
}

function describe(path: string, call: Compared | undefined): string {
  return call === undefined
    ? `${path} is at its end`
    : `${path} line ${call.line} has ${call.text}`;
}
