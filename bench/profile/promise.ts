import type { PlayedMetric } from "./fit_scenario.ts";

/**
 * How near a virtual run with a profile out of a log is meant to come to that log, as a part of each metric. Where it
 * does not, that is said.
 */
export const PROMISED_ERROR = 0.15;

/** The metrics that do not come back as near as that. */
export function missedMetrics(metrics: readonly PlayedMetric[]): PlayedMetric[] {
  return metrics.filter(({ error }) => error === null || Math.abs(error) > PROMISED_ERROR);
}
