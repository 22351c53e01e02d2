import { closestString } from "@std/text/closest-string";
import { parseMs } from "./scenario/mod.ts";
import {
  DEFAULT_PRECISION_METRIC,
  MOST_TRIALS,
  PRECISION_METRICS,
  type StopRule,
} from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

/** What the command line says of when to stop, as text. */
export interface StopTexts {
  readonly precision: string | undefined;
  readonly precisionMetrics: readonly string[];
  readonly maxTrials: string | undefined;
  readonly maxTime: string | undefined;
}

/** When a run stops. */
export interface StopArguments {
  /** Where a precision is asked for. */
  readonly stop: StopRule | undefined;
  readonly maxTime_ms: number | undefined;
}

/** How long a run goes on for a precision, where nobody says how long. */
const MAX_TIME_MS = 600_000;
const MOST_EVER = 100_000;

/**
 * Reads `--precision`, `--precision-metric`, `--max-trials` and `--max-time`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseStop } from "./stop_arguments.ts";
 *
 * const { stop, maxTime_ms } = parseStop({
 *   precision: "2%",
 *   precisionMetrics: [],
 *   maxTrials: undefined,
 *   maxTime: "5m",
 * });
 * assertEquals(stop?.precision_ratio, 0.02);
 * assertEquals(stop?.metrics, ["downtime_ms"]);
 * assertEquals(maxTime_ms, 300_000);
 * ```
 *
 * @throws {UsageError} in one line
 */
export function parseStop(
  { precision, precisionMetrics, maxTrials, maxTime }: StopTexts,
): StopArguments {
  const maxTime_ms = maxTime === undefined ? undefined : duration(maxTime);
  if (precision === undefined) {
    const alone = maxTrials !== undefined ? "--max-trials" : "--precision-metric";
    if (maxTrials !== undefined || precisionMetrics.length > 0) {
      throw new UsageError(
        `Cannot take ${alone} without --precision: trials go on only until a precision is reached`,
      );
    }
    return { stop: undefined, maxTime_ms };
  }
  const metrics = precisionMetrics.length === 0 ? [DEFAULT_PRECISION_METRIC] : precisionMetrics;
  for (const metric of metrics) {
    if (PRECISION_METRICS.includes(metric)) continue;
    throw new UsageError(
      `Cannot take --precision-metric ${metric}: there is no such metric, did you mean ${
        closestString(metric, [...PRECISION_METRICS])
      }?`,
    );
  }
  return {
    stop: {
      precision_ratio: ratio(precision),
      metrics: [...new Set(metrics)],
      most_trials: maxTrials === undefined ? MOST_TRIALS : count(maxTrials),
    },
    maxTime_ms: maxTime_ms ?? MAX_TIME_MS,
  };
}

function ratio(text: string): number {
  const [, number] = /^(\d+(?:\.\d+)?) ?%$/.exec(text) ?? [];
  // To nine digits: 7 / 100 is a little more than what was asked for.
  const value = Number((Number(number) / 100).toPrecision(9));
  if (value > 0 && value < 1) return value;
  throw new UsageError(
    `Cannot take --precision ${text}: expected a part of the median above 0 % and below 100 %, such as 2%`,
  );
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= MOST_EVER) return value;
  throw new UsageError(
    `Cannot take --max-trials ${text}: expected a whole number from 1 to ${MOST_EVER}`,
  );
}

/** A time with a unit; minutes and hours too, which no scenario needs. */
function duration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(m|h)$/.exec(text) ?? [];
  const value = number === undefined
    ? /[a-z]$/.test(text) ? parseMs(text) : undefined
    : Number(number) * (unit === "h" ? 3_600_000 : 60_000);
  if (value !== undefined && value > 0) return value;
  throw new UsageError(
    `Cannot take --max-time ${text}: expected a time with its unit, such as 30s, 10m or 2h`,
  );
}
