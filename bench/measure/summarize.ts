import { medianInterval } from "./median_interval.ts";
import { quantile } from "./quantile.ts";

/** What is said of a metric over the trials of a case. */
export interface Summary {
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly p25: number;
  readonly p75: number;
  /** The 95 % interval of the median; see `median_interval.ts` for fewer than 6 values. */
  readonly ci95: readonly [number, number];
}

/** @throws {RangeError} for no values */
export function summarize(values: readonly number[]): Summary {
  const ascending = values.toSorted((a, b) => a - b);
  const { low, high } = medianInterval(ascending);
  return {
    n: ascending.length,
    median: quantile(ascending, 0.5),
    min: quantile(ascending, 0),
    max: quantile(ascending, 1),
    p25: quantile(ascending, 0.25),
    p75: quantile(ascending, 0.75),
    ci95: [low, high],
  };
}
