/**
 * How good a device's estimates were: each joined with the bytes that then came. For one device, in the
 * order of its entries, with the position (bytes read so far) growing to the right:
 *
 *     precopy    stop_copy   empty     decided   stopped                  end
 *        |-- bytes read -------|          |         |--- bytes read ---------|
 *        initial + dirty are              |         stop_copy_length of the last
 *        compared with these              |         query before `decided` is
 *                                                   compared with these
 *
 * @module
 */
import type { EstimateEntry, EstimateKind } from "../../core/migration/mod.ts";
import { summarize, type Summary } from "./summarize.ts";

/**
 * What is compared. `stop_copy_less_precopied` is the deciding stop_copy_length less what had been read by
 * then: a driver whose answer is the full size, whatever was precopied, is exact there and over in `stop_copy`.
 */
export type JoinedKind = EstimateKind | "stop_copy_less_precopied";

/** An estimate and what came of it. */
export interface JoinedEstimate {
  readonly kind: JoinedKind;
  readonly at_ns: number;
  /** As a u64, which is unsigned; null where the query failed. */
  readonly estimate_bytes: number | null;
  /** null where the migration ended before it could be known. */
  readonly actual_bytes: number | null;
  /** (estimate - actual) / actual: positive is over. null without both, and for something of nothing. */
  readonly error: number | null;
  readonly answered: boolean;
  /** Whether a precopy estimate's reading was ended by the stop: the device may have had more to give. */
  readonly cut_off: boolean;
}

/**
 * The estimates of one kind, as a trial keeps them. Each is in exactly one class:
 * queries = no_answer + unresolved + exact + over_ratio + under_ratio + phantom_bytes.
 */
export interface ClassifiedEstimates {
  /** An answer that only repeated the last one, with nothing read in between, is part of that one. */
  readonly queries: number;
  /** The query failed and a stand-in was used; in no error. */
  readonly no_answer: number;
  /** Answered, but the migration ended before it could be compared. */
  readonly unresolved: number;
  readonly exact: number;
  /** How many of the compared were cut off by the stop. */
  readonly cut_off: number;
  /** Relative errors above 0. */
  readonly over_ratio: readonly number[];
  /** Relative errors below 0, -1 at the least. */
  readonly under_ratio: readonly number[];
  /** Bytes that were announced where none came: no relative error exists, so they are kept as bytes. */
  readonly phantom_bytes: readonly number[];
}

/** The estimates of one kind over one trial or many: null where a class is empty. */
export interface EstimateSummary {
  readonly queries: number;
  readonly no_answer: number;
  readonly unresolved: number;
  readonly exact: number;
  readonly cut_off: number;
  readonly over_ratio: Summary | null;
  readonly under_ratio: Summary | null;
  readonly phantom_bytes: Summary | null;
}

/**
 * Joins one device's estimates with what was read of it, in the order of the queries.
 *
 * * A precopy answer is compared with what was read until the device next ran empty or was stopped.
 * * Of the stop_copy answers only the last before the decision is joined, twice (see {@linkcode JoinedKind}).
 *   Without a decision none is.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinEstimates } from "./estimate_accuracy.ts";
 *
 * const [joined] = joinEstimates([
 *   { entry: "estimate", atNs: 0, kind: "precopy", bytes: 3000, position: 0, times: 1 },
 *   { entry: "empty", atNs: 9, position: 2000 },
 * ]);
 * assertEquals([joined?.actual_bytes, joined?.error], [2000, 0.5]);
 * ```
 */
export function joinEstimates(entries: readonly EstimateEntry[]): JoinedEstimate[] {
  const decided = entries.findIndex((e) => e.entry === "decided");
  const deciding = entries.findLastIndex((e, i) =>
    i < decided && e.entry === "estimate" && e.kind === "stop_copy"
  );
  const stopCopyBytes = stopCopyBytesOf(entries);
  const joined: JoinedEstimate[] = [];
  // Backwards, so that what ends an estimate's reading is met before it.
  let ending: EstimateEntry | null = null;
  for (const [i, e] of [...entries.entries()].reverse()) {
    if (e.entry === "empty" || e.entry === "stopped") ending = e;
    if (e.entry !== "estimate") continue;
    const bytes = e.bytes === null ? null : unsigned(e.bytes);
    if (e.kind === "precopy") {
      const actual = ending === null ? null : ending.position - e.position;
      joined.push(join("precopy", e.atNs, bytes, actual, ending?.entry === "stopped"));
    } else if (i === deciding) {
      const rest = bytes === null ? null : Math.max(0, bytes - e.position);
      joined.push(join("stop_copy_less_precopied", e.atNs, rest, stopCopyBytes, false));
      joined.push(join("stop_copy", e.atNs, bytes, stopCopyBytes, false));
    }
  }
  return joined.reverse();
}

/** Sorts joined estimates into their classes, by kind; a kind that does not occur is absent. */
export function classifyEstimates(
  joined: readonly JoinedEstimate[],
): Partial<Record<JoinedKind, ClassifiedEstimates>> {
  const classified: Partial<Record<JoinedKind, ClassifiedEstimates>> = {};
  for (const [kind, ofKind] of Map.groupBy(joined, (j) => j.kind)) {
    classified[kind] = classifyKind(ofKind);
  }
  return classified;
}

function classifyKind(joined: readonly JoinedEstimate[]): ClassifiedEstimates {
  let no_answer = 0, unresolved = 0, exact = 0, cut_off = 0;
  const over_ratio: number[] = [], under_ratio: number[] = [], phantom_bytes: number[] = [];
  for (const one of joined) {
    if (one.estimate_bytes === null) {
      no_answer++;
      continue;
    }
    if (one.actual_bytes === null) {
      unresolved++;
      continue;
    }
    if (one.cut_off) cut_off++;
    if (one.error === null) phantom_bytes.push(one.estimate_bytes);
    else if (one.error === 0) exact++;
    else (one.error > 0 ? over_ratio : under_ratio).push(one.error);
  }
  const queries = joined.length;
  return {
    queries,
    no_answer,
    unresolved,
    exact,
    cut_off,
    over_ratio,
    under_ratio,
    phantom_bytes,
  };
}

/** Summarizes the estimates of one kind over trials: all their values together, no summary of summaries. */
export function summarizeEstimates(trials: readonly ClassifiedEstimates[]): EstimateSummary {
  const total = (key: "queries" | "no_answer" | "unresolved" | "exact" | "cut_off") =>
    trials.reduce((sum, one) => sum + one[key], 0);
  const all = (key: "over_ratio" | "under_ratio" | "phantom_bytes") => {
    const values = trials.flatMap((one) => one[key]);
    return values.length === 0 ? null : summarize(values);
  };
  return {
    queries: total("queries"),
    no_answer: total("no_answer"),
    unresolved: total("unresolved"),
    exact: total("exact"),
    cut_off: total("cut_off"),
    over_ratio: all("over_ratio"),
    under_ratio: all("under_ratio"),
    phantom_bytes: all("phantom_bytes"),
  };
}

function join(
  kind: JoinedKind,
  at_ns: number,
  estimate: number | null,
  actual: number | null,
  cut_off: boolean,
): JoinedEstimate {
  return {
    kind,
    at_ns,
    estimate_bytes: estimate,
    actual_bytes: actual,
    error: estimate === null || actual === null ? null : relativeError(estimate, actual),
    answered: estimate !== null,
    cut_off,
  };
}

function relativeError(estimate: number, actual: number): number | null {
  if (estimate === actual) return 0;
  return actual === 0 ? null : (estimate - actual) / actual;
}

/** What stop-copy gave; null where it did not come to its end. */
function stopCopyBytesOf(entries: readonly EstimateEntry[]): number | null {
  const stopped = entries.find((e) => e.entry === "stopped");
  const end = entries.findLast((e) => e.entry === "end");
  return stopped === undefined || end === undefined ? null : end.position - stopped.position;
}

/** A u64 as `core/vfio` holds it is negative where bit 63 is set. */
function unsigned(held: number): number {
  return held < 0 ? held + 2 ** 64 : held;
}
