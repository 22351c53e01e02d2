/**
 * How large must a buffer be before a larger one moves the state no faster? The answer in words, from a run
 * whose cases vary `buffer_size`, with simulated devices or real ones: the smallest size that is as good as the best,
 * and what smaller and larger ones cost in throughput, tail and memory.
 *
 * @module
 */
import { buffersAtOnce, ringSlotsFor } from "../../core/channel/mod.ts";
import { formatRate, formatSize, labelSize } from "../scenario/mod.ts";
import { canonicalJson } from "./canonical_json.ts";
import { caseText, plainText, valueTexts } from "./case_text.ts";
import { threeDigits } from "./number_text.ts";
import type { CaseResult } from "./result_document.ts";

const METRIC = "throughput_stopcopy_bytes_per_s";

/** A size counts as good as the best up to this relative loss. */
const WITHIN = 0.02;

/** What one size gives. */
export interface SizeCost {
  readonly buffer_size_bytes: number;
  readonly median: number;
  /** How much less that is than what the best size gives: 0.1 is a tenth less. */
  readonly cost_ratio: number;
  /** The slower of the 99th percentiles of a read and a write; null where durations were not measured. */
  readonly tail_us: number | null;
  /** What the channel's buffers of this size take, at both ends together. */
  readonly memory_bytes: number;
}

/** Which size to take, for cases that are the same but for it. */
export interface BufferSizeAdvice {
  /** What is the same in all of them. */
  readonly case: string;
  readonly channel: string;
  readonly metric: typeof METRIC;
  /** The smallest size within 2 % of the best. */
  readonly smallest_buffer_size_bytes: number;
  readonly best_buffer_size_bytes: number;
  /** The fewest that a size had. */
  readonly trials: number;
  /** Half the interval of the best or of the advised size, relative: what is less than that is not told apart. */
  readonly noise_ratio: number;
  /** In ascending order of the size. */
  readonly sizes: readonly SizeCost[];
}

/**
 * The advice for every group of cases that differ in nothing but `buffer_size`: one for each channel that was
 * played. Groups with fewer than two measured sizes have none. Pure.
 */
export function bufferSizeAdvice(cases: readonly CaseResult[]): BufferSizeAdvice[] {
  const varying = cases.filter((one) => Object.hasOwn(one.varies, "buffer_size"));
  return [...Map.groupBy(varying, groupKey).values()].flatMap((group) => adviceOf(group) ?? []);
}

/** The advice as a line to read. */
export function adviceText(advice: BufferSizeAdvice): string {
  const { smallest_buffer_size_bytes: smallest, best_buffer_size_bytes: best, sizes } = advice;
  const rate = formatRate(sizes.find((one) => one.buffer_size_bytes === best)?.median ?? 0);
  const whichBest = smallest === best
    ? `the best, ${rate}; none smaller is within 2 %`
    : `the smallest within 2 % of the best (${labelSize(best)}, ${rate})`;
  const chosen = sizes.find((one) => one.buffer_size_bytes === smallest);
  const costs = (others: readonly SizeCost[]) =>
    others.map((one) => `${labelSize(one.buffer_size_bytes)} ${costText(one)}`).join("; ");
  const smaller = sizes.filter((one) => one.buffer_size_bytes < smallest).toReversed();
  const larger = sizes.filter((one) => one.buffer_size_bytes > smallest);
  return [
    `${advice.case}: buffer_size=${labelSize(smallest)} is ${whichBest}${
      chosen === undefined ? "" : `, with ${tailAndMemory(chosen)}`
    }.`,
    ...(smaller.length === 0 ? [] : [`Smaller ones cost: ${costs(smaller)}.`]),
    ...(larger.length === 0 ? [] : [`Larger ones cost: ${costs(larger)}.`]),
    ...(advice.noise_ratio > WITHIN
      ? [
        `With ${advice.trials} trials the noise is ±${
          (advice.noise_ratio * 100).toFixed(0)
        } %: play more to be sure.`,
      ]
      : []),
  ].join(" ");
}

function costText(one: SizeCost): string {
  return `${percentText(one.cost_ratio)} of the throughput (${tailAndMemory(one)})`;
}

/** `p99 1.2 ms, 8 MiB of buffers`. */
function tailAndMemory({ tail_us, memory_bytes }: SizeCost): string {
  const tail = tail_us === null ? [] : [`p99 ${tailText(tail_us)} a call`];
  return [...tail, `${formatSize(memory_bytes)} of buffers`].join(", ");
}

/** A duration of a call, in the unit that is short. */
export function tailText(us: number): string {
  return us >= 1000 ? `${threeDigits(us / 1000)} ms` : `${threeDigits(us)} us`;
}

function groupKey({ scenario, clock, varies, params }: CaseResult): string {
  const without = (record: Readonly<Record<string, unknown>>) =>
    canonicalJson(Object.entries(record).filter(([name]) => name !== "buffer_size"));
  return `${JSON.stringify(scenario)} ${clock} ${without(varies)} ${without(params)}`;
}

function adviceOf(group: readonly CaseResult[]): BufferSizeAdvice | undefined {
  const measured = group.flatMap((one) => {
    const size = one.params["buffer_size"];
    const summary = one.metrics[METRIC];
    const isMeasured = typeof size === "number" && summary !== undefined && "median" in summary;
    return isMeasured && summary.median > 0 ? [{ one, size, summary }] : [];
  }).sort((a, b) => a.size - b.size);
  const [first] = measured;
  if (first === undefined || new Set(measured.map(({ size }) => size)).size < 2) return undefined;
  const best = measured.reduce((a, b) => b.summary.median > a.summary.median ? b : a);
  const costOf = (median: number) => 1 - median / best.summary.median;
  const smallest = measured.find(({ summary }) => costOf(summary.median) <= WITHIN) ?? best;
  const noises = [best, smallest].map(({ summary: { ci95: [low, high], median } }) =>
    (high - low) / 2 / median
  );
  return {
    case: groupText(first.one),
    channel: channelOf(first.one),
    metric: METRIC,
    smallest_buffer_size_bytes: smallest.size,
    best_buffer_size_bytes: best.size,
    trials: Math.min(...measured.map(({ summary }) => summary.n)),
    noise_ratio: Math.max(...noises),
    sizes: measured.map(({ one, size, summary: { median } }) => ({
      buffer_size_bytes: size,
      median,
      cost_ratio: costOf(median),
      tail_us: tailOf(one),
      memory_bytes: memoryOf(one, size),
    })),
  };
}

function tailOf({ metrics }: CaseResult): number | null {
  const tails = ["read_us", "write_us"].flatMap((name) => {
    const summary = metrics[name];
    return summary !== undefined && "p99" in summary && summary.n > 0 ? [summary.p99] : [];
  });
  return tails.length === 0 ? null : Math.max(...tails);
}

/** A ring is one for both ends; any other channel has at either end the buffers that go over it in one call. */
function memoryOf({ params }: CaseResult, size: number): number {
  if (params["channel"] !== "ring") return 2 * buffersAtOnce(size) * size;
  const slots = params["ring_slots"];
  return size * (typeof slots === "number" && slots > 0 ? slots : ringSlotsFor(size));
}

/** Always with its channel, also where that does not vary. */
function groupText(one: CaseResult): string {
  const texts = [...valueTexts(one)].filter(([name]) => name !== "buffer_size");
  const hasChannel = texts.some(([name]) => name === "channel");
  const label = [...(hasChannel ? [] : [["channel", channelOf(one)]]), ...texts]
    .map(([name, text]) => `${name}=${text}`).join(" ");
  return caseText({ ...one, label });
}

function channelOf({ params }: CaseResult): string {
  return plainText(String(params["channel"] ?? "unknown"));
}

function percentText(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0) return "nothing";
  return percent < 9.95 ? `${percent.toFixed(1)} %` : `${percent.toFixed(0)} %`;
}
