/**
 * What recording the duration of every buffer costs: pairs of a trial with it and one without, in turn, and the ratio
 * of their throughputs.
 *
 *     deno task recording-cost [--sizes 4KiB,64KiB,1MiB] [--channels ring,unix,tcp] [--pairs 15] [--json]
 *
 * @module
 */
import { EXIT } from "../exit_code.ts";
import { bootstrapPairedRatio } from "../measure/mod.ts";
import { parseFlags } from "../parse_flags.ts";
import { type Case, expandCases, KIB, labelSize, MIB, ScenarioSchema } from "../scenario/mod.ts";
import { parseSize } from "../scenario/units.ts";
import { createSpares, type KeptOfTrial, runWallTrial } from "../trial/mod.ts";
import { UsageError } from "../usage_error.ts";

const HELP = `deno task recording-cost [FLAGS]

Says what recording durations costs in throughput: trials with measure=on against trials with measure=off, pair by pair.

  --sizes SIZE,...      buffer sizes (4KiB,16KiB,64KiB,256KiB,1MiB)
  --channels NAME,...   ring, unix, tcp (all three)
  --pairs N             pairs of each, after one that does not count (15)
  --json                one JSON document on stdout

Exit: 0 the cost is within the bar everywhere (1 % from 64 KiB on, 3 % below), 1 it is not, 2 usage error.`;

/** What recording costs for one size over one channel. */
export interface RecordingCost {
  readonly channel: string;
  /** Bytes. */
  readonly buffer_size: number;
  /** Throughput with recording over throughput without: the median of the pairs. */
  readonly ratio: number;
  readonly ci95: readonly [number, number];
  /** Processor time without recording over that with it, which other work on the machine disturbs less. */
  readonly processor_ratio: number;
  readonly processor_ci95: readonly [number, number];
  readonly pairs: number;
  /** What the ratio is to be at least. */
  readonly bar: number;
}

/** The bars: below 64 KiB one buffer in so many is recorded. */
export function barOf(buffer_size: number): number {
  return buffer_size < 64 * KIB ? 0.97 : 0.99;
}

const WARMUP_PAIRS = 1;
/** Some tenths of a second at any size. */
const MOST_BYTES = 512 * MIB;
const MOST_BUFFERS = 65_536;

function caseOf(channel: string, buffer_size: number, measure: boolean): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "recording-cost",
    question: "What does recording cost?",
    params: { buffer_size, channel, measure, precopy: false },
    devices: [{
      id: "nic0",
      profile: "generic",
      state_size: Math.min(MOST_BYTES, MOST_BUFFERS * buffer_size),
    }],
  }));
  if (one === undefined) throw new Error("Cannot expand a scenario of one case: received none");
  return one;
}

interface Measured {
  readonly throughput: number;
  readonly processor_ms: number;
}

async function measure(one: Case, trial: number, keep: KeptOfTrial): Promise<Measured> {
  const place = { caseNumber: 0, trial, seed: 1 };
  const { record } = await runWallTrial(one, place, new AbortController().signal, keep);
  const { throughput_stopcopy_bytes_per_s: throughput, processor_time_ms: processor_ms } =
    record.metrics;
  if (throughput !== undefined && processor_ms !== undefined) return { throughput, processor_ms };
  throw new Error(`Cannot say what recording costs: ${record.error?.message ?? "no throughput"}`);
}

/** Plays the pairs, each in the other order than the one before it. */
export async function recordingCost(
  channel: string,
  buffer_size: number,
  pairs: number,
): Promise<RecordingCost> {
  const cases = {
    on: caseOf(channel, buffer_size, true),
    off: caseOf(channel, buffer_size, false),
  };
  const measured = { on: new Array<Measured>(), off: new Array<Measured>() };
  const spares = createSpares();
  try {
    for (let pair = -WARMUP_PAIRS; pair < pairs; pair++) {
      const order = pair % 2 === 0 ? ["on", "off"] as const : ["off", "on"] as const;
      for (const way of order) {
        const one = await measure(cases[way], Math.max(0, pair), spares);
        if (pair >= 0) measured[way].push(one);
      }
    }
  } finally {
    spares.close();
  }
  const { on, off } = measured;
  const rates = (side: readonly Measured[]) => side.map(({ throughput }) => throughput);
  const times = (side: readonly Measured[]) => side.map(({ processor_ms }) => processor_ms);
  const { ratio, low, high } = bootstrapPairedRatio(rates(off), rates(on), { seed: 1 });
  const processor = bootstrapPairedRatio(times(on), times(off), { seed: 1 });
  return {
    channel,
    buffer_size,
    ratio,
    ci95: [low, high],
    processor_ratio: processor.ratio,
    processor_ci95: [processor.low, processor.high],
    pairs,
    bar: barOf(buffer_size),
  };
}

/** Whether the median of the pairs is within the bar. */
export function isWithin({ ratio, bar }: RecordingCost): boolean {
  return ratio >= bar;
}

function costLine(cost: RecordingCost): string {
  const { channel, buffer_size, ratio, ci95: [low, high], pairs, bar, processor_ratio } = cost;
  const percent = (part: number) => `${((1 - part) * 100).toFixed(1)} %`;
  return `${channel} ${labelSize(buffer_size)}: recording costs ${percent(ratio)} (${
    percent(high)
  } to ${percent(low)}) of the throughput and ${
    percent(processor_ratio)
  } of processor time, ${pairs} pairs; the bar is ${percent(bar)}: ${
    isWithin(cost) ? "met" : "MISSED"
  }`;
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { texts: ["sizes", "channels", "pairs"], switches: ["json"] });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const sizes = (flags.text("sizes") ?? "4KiB,16KiB,64KiB,256KiB,1MiB").split(",").map((text) => {
    const size = parseSize(text);
    if (size !== undefined && size > 0 && size % (4 * KIB) === 0 && size <= 64 * MIB) return size;
    throw new UsageError(
      `Cannot take --sizes ${text}: expected sizes from 4KiB to 64MiB in steps of 4KiB`,
    );
  });
  const channels = (flags.text("channels") ?? "ring,unix,tcp").split(",");
  const wrong = channels.find((name) => !["ring", "unix", "tcp"].includes(name));
  if (wrong !== undefined) {
    throw new UsageError(`Cannot take --channels ${wrong}: there are ring, unix, tcp`);
  }
  const pairs = Number(flags.text("pairs") ?? "15");
  if (!(Number.isInteger(pairs) && pairs >= 1 && pairs <= 10_000)) {
    throw new UsageError(`Cannot take --pairs ${flags.text("pairs")}: expected 1 to 10000`);
  }
  const costs: RecordingCost[] = [];
  for (const channel of channels) {
    for (const size of sizes) {
      const cost = await recordingCost(channel, size, pairs);
      costs.push(cost);
      if (flags.has("json")) console.error(costLine(cost));
      else console.log(costLine(cost));
    }
  }
  if (flags.has("json")) console.log(JSON.stringify({ recording: costs }));
  return costs.every(isWithin) ? EXIT.FINE : EXIT.REGRESSED;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(EXIT.USAGE);
  }
}
