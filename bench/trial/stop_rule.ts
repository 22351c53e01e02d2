/**
 * When a case has had enough trials: when half the 95 % interval of the median is no wider than asked for. That is
 * looked at after every round, so the interval that ends it is narrower than most of its kind: what is compared
 * with it has its own test (`measure/compare_metric.ts`), which does not go by it.
 *
 * @module
 */
import { FEWEST_FOR_INTERVAL, precisionOf, valuesForPrecision } from "../measure/mod.ts";
import type { TrialRecord } from "./record.ts";

/** Until when trials go on, where a precision is asked for. */
export interface StopRule {
  /** Half the 95 % interval of the median over the median. */
  readonly precision_ratio: number;
  /** The metrics whose medians are meant: each that a case has. */
  readonly metrics: readonly string[];
  /** The most trials that a case gets. */
  readonly most_trials: number;
}

/** The metric that the table leads with, and whose precision is meant where no other is named. */
export const DEFAULT_PRECISION_METRIC = "downtime_ms";

/** The metrics whose precision can be asked for. */
export const PRECISION_METRICS: readonly string[] = [
  DEFAULT_PRECISION_METRIC,
  "downtime_source_ms",
  "total_time_ms",
  "throughput_precopy_bytes_per_s",
  "throughput_stopcopy_bytes_per_s",
  "bandwidth_switchover_bytes_per_s",
];

/** The most trials of a case where nobody says how many. */
export const MOST_TRIALS = 1000;

/** The fewest trials that can show a precision: those of a case, or as many as an interval needs. */
export function fewestForRule(trials: number, rule: StopRule | null): number {
  return rule === null ? trials : Math.min(rule.most_trials, Math.max(trials, FEWEST_FOR_INTERVAL));
}

/** The values that a case has of a metric; a trial that failed has none. */
export function valuesOf(trials: readonly TrialRecord[], metric: string): number[] {
  return trials.flatMap(({ metrics, outcome, state_verified }) => {
    const value = metrics[metric];
    return value === undefined || outcome !== "completed" || !state_verified ? [] : [value];
  });
}

/**
 * About how many trials a case takes in all by a rule, if they go on as they went: as many as there are where it
 * has had enough. A case without any of the metrics, such as one whose trials fail, is never precise: what it has
 * had is enough.
 */
export function trialsNeeded(trials: readonly TrialRecord[], rule: StopRule): number {
  const needed = rule.metrics.map((metric) => {
    const values = valuesOf(trials, metric);
    if (values.length === 0) return trials.length;
    const reached = precisionOf(values);
    const more = valuesForPrecision(values.length, reached, rule.precision_ratio);
    // One more, where nothing can be said of how many.
    return trials.length + (more === undefined ? 1 : more - values.length);
  });
  return Math.max(trials.length, Math.min(rule.most_trials, Math.max(...needed)));
}

/** A metric of a case whose median is not known as precisely as was asked. */
export interface Imprecise {
  readonly metric: string;
  readonly reached: number;
}

/** What a case is not precise enough in. */
export function impreciseMetrics(trials: readonly TrialRecord[], rule: StopRule): Imprecise[] {
  return rule.metrics.flatMap((metric) => {
    const values = valuesOf(trials, metric);
    const reached = precisionOf(values);
    return values.length === 0 || reached <= rule.precision_ratio ? [] : [{ metric, reached }];
  });
}
