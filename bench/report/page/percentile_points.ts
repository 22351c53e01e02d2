import type { DurationHistogram } from "../../measure/mod.ts";

/** A point of a percentile plot. */
export interface PercentilePoint {
  readonly percentile: number;
  readonly us: number;
}

/** How many points there are for each further nine. */
const POINTS_PER_NINE = 5;

/**
 * The durations of a histogram by percentile: evenly over the nines, as far as there is a value for each, and the
 * 100th. None where nothing was recorded.
 */
export function percentilePoints(histogram: DurationHistogram): PercentilePoint[] {
  const count = histogram.totalCount;
  if (count === 0) return [];
  const point = (percentile: number) => ({
    percentile,
    us: histogram.getValueAtPercentile(percentile) / 1000,
  });
  const points: PercentilePoint[] = [];
  for (let i = 0;; i++) {
    const beyond = 10 ** (-i / POINTS_PER_NINE);
    if (beyond * count < 1) break;
    points.push(point(Number((100 * (1 - beyond)).toFixed(6))));
  }
  return [...points, point(100)];
}
