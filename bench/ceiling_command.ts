import {
  ceilingCases,
  ceilingDocument,
  type CeilingPlan,
  CHANNELS,
  findRivals,
  readRivalTrials,
  renderCeiling,
  RIVAL_NAMES,
  runCeiling,
} from "./ceiling/mod.ts";
import { EXIT } from "./exit_code.ts";
import { type Flags, parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { parseSize } from "./scenario/mod.ts";
import { stdoutShape } from "./stdout_shape.ts";
import { readRun } from "./store/mod.ts";
import { preflight } from "./trial/mod.ts";
import { untilInterrupted } from "./until_interrupted.ts";
import { UsageError } from "./usage_error.ts";

const SIZES = ["4KiB", "16KiB", "64KiB", "256KiB", "1MiB", "4MiB"] as const;
const WHOLE = { sizes: SIZES, pairs: "15", bytes: "512MiB" } as const;
const QUICK = { sizes: ["4KiB", "64KiB", "1MiB"], pairs: "5", bytes: "128MiB" } as const;

const HELP = `deno task bench ceiling [FLAGS]

Says how close the harness comes to what this machine can do. In one run, each in its turn: the harness's own migrations,
and programs that move the same bytes another way. What it prints is the harness's throughput over theirs.

  c-twin      two threads of C that make the same system calls, over a channel of the same shape
  qemu-path   two threads of C that move the bytes as QEMU does, through a QEMUFile of 32 KiB (for ring over a pipe)
  pipe-to     Deno's ReadableStream.pipeTo (for ring from file to file, in one thread)
  ringbuf     ringbuf.js between two Workers (ring alone; fetched for this, it is no dependency)

  --channel ring,unix,tcp     which channels (all)
  --buffer-size 4KiB,64KiB    which sizes (${WHOLE.sizes.join(",")})
  --against c-twin,pipe-to    which of the four (all)
  --pairs N                   how often each is measured (${WHOLE.pairs}; of fewer than 6 no interval has 95 %)
  --bytes SIZE                the state that is moved (${WHOLE.bytes})
  --quick                     ${
  QUICK.sizes.join(",")
}, ${QUICK.pairs} pairs of ${QUICK.bytes}, unless given
  --out DIR                   the run folder; a new one in results/ otherwise
  --json                      one JSON document on stdout instead of the table
  --quiet                     no progress on stderr

The first two need cc. What cannot be had is said and left out.

Exit: 0 fine, 2 usage error, 4 a trial of the harness failed, 130 interrupted (what was measured is kept).`;

/** `deno task bench ceiling`. */
export async function ceilingCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["pairs", "bytes", "out"],
    lists: ["channel", "buffer-size", "against"],
    switches: ["quick", "json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (flags.operands.length > 0) {
    throw new UsageError(`Cannot take ${flags.operands[0]} beside ceiling: it plays no scenarios`);
  }
  const plan = readPlan(flags);
  const against = namesOf(flags, "against", RIVAL_NAMES);
  preflight(ceilingCases(plan));
  const { result: folder, interrupted } = await untilInterrupted(async (signal) =>
    await runCeiling(plan, await findRivals(against, signal), {
      root: RESULTS_DIR,
      out: flags.text("out"),
      progress: createProgress(flags.has("quiet")),
      signal,
    })
  );
  const document = ceilingDocument(folder, await readRun(folder), await readRivalTrials(folder));
  if (flags.has("json")) {
    console.log(JSON.stringify(document));
  } else {
    console.log(renderCeiling(document, stdoutShape(PIPED_WIDTH).color));
    console.log(folder);
    if (!flags.has("quiet")) console.error(`A page of it: deno task report ${folder}`);
  }
  if (interrupted) return EXIT.INTERRUPTED;
  return document.failed.length > 0 ? EXIT.TRIAL_FAILED : EXIT.FINE;
}

const PIPED_WIDTH = 160;
const MOST_PAIRS = 10_000;
const PAGE = 4096;
const LARGEST_BUFFER = 64 * 1024 * 1024;

type CeilingFlags = Flags<
  "pairs" | "bytes" | "out",
  "channel" | "buffer-size" | "against",
  "quick" | "json" | "quiet"
>;

function readPlan(flags: CeilingFlags): CeilingPlan {
  const defaults = flags.has("quick") ? QUICK : WHOLE;
  const pairs = Number(flags.text("pairs") ?? defaults.pairs);
  if (!(Number.isInteger(pairs) && pairs >= 1 && pairs <= MOST_PAIRS)) {
    throw new UsageError(`Cannot take --pairs ${flags.text("pairs")}: expected 1 to ${MOST_PAIRS}`);
  }
  const given = listOf(flags, "buffer-size");
  const bufferSizes = (given.length > 0 ? given : defaults.sizes).map((text) => {
    const size = parseSize(text);
    if (size !== undefined && size >= PAGE && size <= LARGEST_BUFFER && size % PAGE === 0) {
      return size;
    }
    throw new UsageError(
      `Cannot take --buffer-size ${text}: expected sizes of 4KiB to 64MiB in steps of 4KiB, such as 64KiB`,
    );
  });
  const bytesText = flags.text("bytes") ?? defaults.bytes;
  const bytes = parseSize(bytesText);
  const least = 4 * Math.max(...bufferSizes);
  if (bytes === undefined || bytes < least) {
    throw new UsageError(
      `Cannot take --bytes ${bytesText}: expected a size of at least four buffers, such as 512MiB`,
    );
  }
  return {
    channels: namesOf(flags, "channel", CHANNELS),
    bufferSizes: [...new Set(bufferSizes)],
    pairs,
    bytes,
  };
}

/** The names that a flag gives, all of them where it is not given. */
function namesOf<Name extends string>(
  flags: CeilingFlags,
  flag: "channel" | "against",
  all: readonly Name[],
): readonly Name[] {
  const given = listOf(flags, flag);
  if (given.length === 0) return all;
  for (const name of given) {
    if (all.some((one) => one === name)) continue;
    throw new UsageError(`Cannot take --${flag} ${name}: there are ${all.join(", ")}`);
  }
  return all.filter((name) => given.includes(name));
}

function listOf(flags: CeilingFlags, flag: "channel" | "buffer-size" | "against"): string[] {
  return [...new Set(flags.list(flag).flatMap((text) => text.split(",")))];
}
