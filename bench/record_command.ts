import { wallClock } from "../core/clock/mod.ts";
import { compareSequences } from "../core/device/mod.ts";
import {
  createRecordingWriter,
  RecordingDevice,
  type RecordingWriter,
  removeRecording,
} from "../core/device/recorded/mod.ts";
import { EXIT } from "./exit_code.ts";
import { parseFlags } from "./parse_flags.ts";
import {
  openSource,
  type RecordedSource,
  type SavedSession,
  saveOnce,
  sessionCase,
  sessionDocument,
  sessionText,
} from "./recording/mod.ts";
import type { Case } from "./scenario/mod.ts";
import { migrationOptions } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task record DEVICE OUT [FLAGS]
deno task record --simulate PROFILE OUT [FLAGS]
deno task record --compare A.jsonl B.jsonl

Saves a device once, as QEMU would, with nobody at the other end, and writes down every call with its answer and its
time: OUT.jsonl, and the bytes in OUT.bin. deno task replay plays it back, on a machine without the device. DEVICE is
what deno task bench --device takes: before and after the session it is reset, and whatever is in it is lost. The
.jsonl of a recording is a device too.

  --no-data                leaves the bytes out; a replay makes up as many
  --buffer-size 1MiB       how much one read asks for
  --precopy-ms N           keeps the device in precopy for at least so long
  --downtime-limit-ms N    stops the device once what is pending fits into so long
  --policy qemu-11.1       whose rules these are
  --no-reinit              does not opt in to REINIT
  --simulate PROFILE       a simulated device, to try it out (deno task list profiles)
  --set KEY=VALUE          a key of its profile, such as state_size=1GiB, or any parameter
  --compare                says where two recordings differ, call by call, times and bytes aside
  --json                   one JSON document on stdout

Files that are there already are not written over.
Exit: 0 fine, 1 the recordings differ, 2 usage, or nothing could be recorded, 4 the session failed (what was recorded of it is kept).`;

const PARAM_TEXTS = ["buffer-size", "downtime-limit-ms", "policy"] as const;

/** `deno task record`. */
export async function recordCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, {
    texts: [...PARAM_TEXTS, "precopy-ms", "simulate"],
    lists: ["set"],
    switches: ["no-data", "no-reinit", "compare", "json"],
  });
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (given.has("compare")) return await compare(given.operands, given.has("json"));

  const { source, out } = readOperands(given.operands, given.text("simulate"));
  const flags = PARAM_TEXTS.flatMap((flag) => {
    const value = given.text(flag);
    return value === undefined ? [] : [`${flag.replaceAll("-", "_")}=${value}`];
  });
  const reinit = given.has("no-reinit") ? ["reinit=off"] : ["reinit=on"];
  const one = await sessionCase(source, [...reinit, ...flags, ...given.list("set")]);
  const precopyMs = readPrecopyMs(given.text("precopy-ms"));
  return await record(source, one, out, {
    precopyMs,
    withData: !given.has("no-data"),
    json: given.has("json"),
  });
}

interface RecordOptions {
  readonly precopyMs: number;
  readonly withData: boolean;
  readonly json: boolean;
}

async function record(
  source: RecordedSource,
  one: Case,
  out: string,
  { precopyMs, withData, json }: RecordOptions,
): Promise<number> {
  const device = await openSource(source, one, withData);
  let writer: RecordingWriter;
  try {
    writer = createRecordingWriter(out, {
      src: nameOf(source),
      chunk: one.params.buffer_size,
      data: withData ? "file" : "omitted",
      seed: one.seed,
    });
  } catch (error) {
    device.close();
    throw error;
  }
  const recorder = new RecordingDevice(device, "src", wallClock, writer);
  let session: SavedSession;
  try {
    session = saveOnce(recorder, {
      policy: one.params.policy,
      options: { ...migrationOptions(one), precopyMs },
      clock: wallClock,
      isCancelled: () => writer.failure !== null,
    });
  } finally {
    recorder.close();
  }
  if (writer.failure !== null) {
    removeRecording(writer);
    throw new UsageError(`${writer.failure}; nothing is kept of it`);
  }
  const { failure, leftIn } = session;
  if (failure !== null) {
    console.error(
      `${failure.message}; ${writer.path} has what came before, the device is ${leftIn}`,
    );
    return EXIT.TRIAL_FAILED;
  }
  const files = withData ? [writer.path, `${out}.bin`] : [writer.path];
  const { calls } = writer;
  const document = sessionDocument(session, { device: nameOf(source), files, calls });
  console.log(json ? JSON.stringify(document) : sessionText(document));
  return EXIT.FINE;
}

async function compare(operands: readonly string[], json: boolean): Promise<number> {
  const [a, b, ...more] = operands;
  if (a === undefined || b === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot compare ${operands.length} recordings: expected the .jsonl files of two`,
    );
  }
  const result = await compareSequences(a, b);
  const { calls, difference } = result;
  if (json) console.log(JSON.stringify({ schema: "vfio-migbench/sequences@1", a, b, ...result }));
  else console.log(difference ?? `${calls} calls, all the same`);
  return difference === null ? EXIT.FINE : EXIT.REGRESSED;
}

function readOperands(
  operands: readonly string[],
  profile: string | undefined,
): { source: RecordedSource; out: string } {
  const expected = profile === undefined ? ["DEVICE", "OUT"] : ["OUT"];
  if (operands.length !== expected.length) {
    throw new UsageError(
      `Cannot record with ${operands.length} operands: expected ${
        expected.join(" and ")
      }; deno task record --help`,
    );
  }
  const out = (operands.at(-1) ?? "").replace(/\.jsonl$/, "");
  if (/(^|\/)$/.test(out)) throw new UsageError(`Cannot record to ${out}: expected a file's name`);
  if (profile !== undefined) return { source: { kind: "simulated", profile }, out };
  const [device = ""] = operands;
  const source: RecordedSource = device.endsWith(".jsonl")
    ? { kind: "recording", path: device }
    : { kind: "device", device };
  return { source, out };
}

function nameOf(source: RecordedSource): string {
  switch (source.kind) {
    case "device":
      return source.device;
    case "recording":
      return source.path;
    case "simulated":
      return `simulated ${source.profile}`;
  }
}

/** An hour: nobody means more. */
const LONGEST_PRECOPY_MS = 3_600_000;

function readPrecopyMs(text: string | undefined): number {
  const value = Number(text ?? "0");
  if (value >= 0 && value <= LONGEST_PRECOPY_MS) return value;
  throw new UsageError(
    `Cannot take --precopy-ms ${text}: expected 0 to ${LONGEST_PRECOPY_MS} milliseconds`,
  );
}
