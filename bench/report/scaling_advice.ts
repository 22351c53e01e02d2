/**
 * Up to how many devices over as many channels does the state move faster, and why no further? The answer in words,
 * from a run whose cases vary both together.
 *
 * ```text
 *   throughput |            .--o-------o
 *              |        .-o                 stops growing at 4: no more of them is 5 % faster
 *              |    .-o
 *              +----1---2-----4--------8--- N devices, N channels
 * ```
 *
 * @module
 */
import type { CaseMeta } from "../store/mod.ts";
import { formatRate } from "../scenario/units.ts";
import { canonicalJson } from "./canonical_json.ts";
import { caseText, valueTexts } from "./case_text.ts";
import { threeDigits } from "./number_text.ts";
import type { CaseResult, Metrics } from "./result_document.ts";

const METRIC = "throughput_stopcopy_bytes_per_s";

/** More of them are faster where they gain more than this. */
const GAIN = 0.05;
/** Processors that are busy to this part are what one waits for. */
const ALL_BUSY = 0.85;
/** A byte that takes this many times the processor time waits for memory, caches or other threads meanwhile. */
const DEARER = 1.25;
/** Above this part of the processors, other work is in the numbers. */
const OTHERS_BUSY = 0.5;
/** A link that is used to this part is what one waits for. */
const LINK_FULL = 0.9;

/** What so many devices over as many channels give. */
export interface ScalingPoint {
  readonly n: number;
  readonly median: number;
  /** How many processors were busy on the average; null on the virtual clock and in runs of before. */
  readonly processors_busy: number | null;
  /** Processor time for each byte of device state, in nanoseconds, both ends together. */
  readonly processor_ns_per_byte: number | null;
}

/**
 * Why throughput grows no further: `nothing` where it does, `processors` all busy, `memory` where a byte besides takes
 * more processor time than with one, `others` where the machine had other work already, `waiting` where processors are
 * idle all the same; on the virtual clock the `link`, the `adapter` that the devices share, or what else the `devices` take.
 */
export type ScalingLimit =
  | "nothing"
  | "processors"
  | "memory"
  | "others"
  | "waiting"
  | "link"
  | "adapter"
  | "devices"
  | "unknown";

/** Where the throughput of N devices over N channels stops growing. */
export interface ScalingAdvice {
  /** What is the same in all of them. */
  readonly case: string;
  readonly clock: "wall" | "virtual";
  readonly metric: typeof METRIC;
  /** The fewest of which no larger number is more than 5 % faster. */
  readonly grows_to: number;
  readonly limit: ScalingLimit;
  readonly processors: number | null;
  /** Processes that ran or waited before the first trial, over a minute; null where that is not known. */
  readonly load_average_1m: number | null;
  /** In ascending order of N. */
  readonly points: readonly ScalingPoint[];
}

/** What the advice is made of beside the cases' results. */
export interface ScalingContext {
  readonly metas: readonly CaseMeta[];
  readonly environment: unknown;
}

/**
 * The advice for every group of cases that differ in nothing but the number of devices and channels, both the same and
 * over channels of their own. Groups with fewer than two measured numbers have none. Pure.
 *
 * @param cases The results, in the order of `metas`
 */
export function scalingAdvice(
  cases: readonly CaseResult[],
  { metas, environment }: ScalingContext,
): ScalingAdvice[] {
  const counted = cases.flatMap((result, i) => {
    const meta = metas[i];
    const n = countOf(result);
    return n === undefined || meta === undefined ? [] : [{ result, meta, n }];
  });
  const machine = machineOf(environment);
  return [...Map.groupBy(counted, ({ result }) => groupKey(result)).values()]
    .flatMap((group) => adviceOf(group, machine) ?? []);
}

/** What a run says of the machine that played it. */
interface Machine {
  readonly processors: number | null;
  readonly load: number | null;
}

interface Counted {
  readonly result: CaseResult;
  readonly meta: CaseMeta;
  readonly n: number;
}

/** N, where a case has N devices over N channels of their own. */
function countOf({ params }: CaseResult): number | undefined {
  const { devices, channels, multifd } = params;
  return multifd === true && typeof devices === "number" && devices === channels
    ? devices
    : undefined;
}

const COUNTS: ReadonlySet<string> = new Set(["devices", "channels", "variant"]);

function groupKey({ scenario, clock, varies, params }: CaseResult): string {
  const without = (record: Readonly<Record<string, unknown>>) =>
    canonicalJson(Object.entries(record).filter(([name]) => !COUNTS.has(name)));
  return `${JSON.stringify(scenario)} ${clock} ${without(varies)} ${without(params)}`;
}

function adviceOf(
  group: readonly Counted[],
  machine: Machine,
): ScalingAdvice | undefined {
  const measured = group.flatMap((one) => {
    const median = medianOf(one.result.metrics, METRIC);
    return median === null || median <= 0 ? [] : [{ ...one, point: pointOf(one, median) }];
  }).sort((a, b) => a.n - b.n);
  const [first] = measured;
  if (first === undefined || new Set(measured.map(({ n }) => n)).size < 2) return undefined;
  const points = measured.map(({ point }) => point);
  const best = Math.max(...points.map(({ median }) => median));
  const knee = measured.find(({ point }) => best <= point.median * (1 + GAIN)) ?? first;
  const { clock } = first.result;
  const isLast = knee.n === points.at(-1)?.n;
  return {
    case: caseText({ ...first.result, label: labelOf(first.result) }),
    clock,
    metric: METRIC,
    grows_to: knee.n,
    limit: isLast
      ? "nothing"
      : clock === "virtual"
      ? virtualLimit(knee)
      : wallLimit(points, knee.n, machine),
    processors: clock === "wall" ? machine.processors : null,
    load_average_1m: clock === "wall" ? machine.load : null,
    points,
  };
}

function pointOf({ result: { metrics }, n }: Counted, median: number): ScalingPoint {
  const time_ms = medianOf(metrics, "processor_time_ms");
  const bytes = medianOf(metrics, "bytes_stopcopy");
  return {
    n,
    median,
    processors_busy: medianOf(metrics, "processors_busy"),
    processor_ns_per_byte: time_ms === null || bytes === null || bytes <= 0
      ? null
      : time_ms * 1e6 / bytes,
  };
}

/** On this machine: whether every processor is busy from where it stops growing on. */
function wallLimit(
  points: readonly ScalingPoint[],
  knee: number,
  { processors, load }: Machine,
): ScalingLimit {
  const beyond = points.filter(({ n }) => n >= knee);
  const busy = Math.max(...beyond.map(({ processors_busy }) => processors_busy ?? NaN));
  if (processors === null || Number.isNaN(busy)) return "unknown";
  if (busy < ALL_BUSY * processors) {
    return load !== null && load > OTHERS_BUSY * processors ? "others" : "waiting";
  }
  return (dearer(points) ?? 1) >= DEARER ? "memory" : "processors";
}

/** How many times the processor time of the fewest a byte takes with the most. */
function dearer(points: readonly ScalingPoint[]): number | null {
  const one = points[0]?.processor_ns_per_byte ?? null;
  const most = points.at(-1)?.processor_ns_per_byte ?? null;
  return one === null || most === null || one === 0 ? null : most / one;
}

function virtualLimit({ meta: { settings = {} }, point }: Counted & { point: ScalingPoint }) {
  const bandwidth = settings["link.bandwidth"];
  if (typeof bandwidth === "number" && bandwidth > 0 && point.median >= LINK_FULL * bandwidth) {
    return "link";
  }
  const contention = settings["host.adapter_contention"];
  return typeof contention === "number" && contention > 0 ? "adapter" : "devices";
}

/** The advice as a line to read. */
export function scalingText(advice: ScalingAdvice): string {
  const { points, grows_to } = advice;
  const knee = points.find(({ n }) => n === grows_to);
  const [first] = points;
  if (knee === undefined || first === undefined) return `${advice.case}: nothing was measured.`;
  const times = knee.n === first.n
    ? ""
    : `, ${threeDigits(knee.median / first.median)} times what ${first.n} ${
      first.n === 1 ? "gives" : "give"
    }`;
  const rates = points.map(({ n, median }) => `${n}: ${formatRate(median)}`).join(", ");
  const head = `${advice.case}: N devices over N channels move ${rates}.`;
  if (advice.limit === "nothing") {
    return `${head} It still grows at ${grows_to} (${formatRate(knee.median)}${times}).`;
  }
  return `${head} It stops growing at ${grows_to} (${formatRate(knee.median)}${times}): ${
    limitText(advice)
  }.`;
}

function limitText(
  { limit, points, grows_to, processors, load_average_1m }: ScalingAdvice,
): string {
  const beyond = points.filter(({ n }) => n >= grows_to);
  const busy = Math.max(...beyond.map(({ processors_busy }) => processors_busy ?? 0));
  const use = `${threeDigits(busy)} of ${processors} processors are busy`;
  const most = points.at(-1)?.n ?? 0;
  const factor = threeDigits(dearer(points) ?? 1);
  switch (limit) {
    case "processors":
      return `the processors, ${use}, and a byte takes as much processor time with ${most} as with ${
        points[0]?.n ?? 1
      } (${factor} times)`;
    case "memory":
      return `the processors and what they share, ${use}, and with ${most} a byte takes ${factor} times the processor time: memory, caches and turns that threads wait for`;
    case "waiting":
      return `not for want of processors, ${use}: the threads wait for each other, or for the devices`;
    case "others":
      return `other work had the processors, ${use} by this, with a load of ${
        threeDigits(load_average_1m ?? 0)
      } before the first trial: play it again on an idle machine`;
    case "link":
      return "the link is full";
    case "adapter":
      return "the devices share an adapter, and each slows the others down";
    case "devices":
      return "what the devices take besides moving bytes does not get less with more of them";
    default:
      return "the run does not say how busy the processors were";
  }
}

function labelOf(one: CaseResult): string {
  return [...valueTexts(one)].filter(([name]) => !COUNTS.has(name))
    .map(([name, text]) => `${name}=${text}`).join(" ");
}

function medianOf(metrics: Metrics, name: string): number | null {
  const summary = metrics[name];
  return summary !== undefined && "median" in summary ? summary.median : null;
}

function machineOf(environment: unknown): Machine {
  const { comparable, context } = Object(environment);
  const count: unknown = Object(comparable).cpu_count;
  const load: unknown = Object(context).load_average_1m;
  return {
    processors: typeof count === "number" && count > 0 ? count : null,
    load: typeof load === "number" ? load : null,
  };
}
