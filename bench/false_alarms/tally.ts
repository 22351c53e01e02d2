import * as z from "zod";
import { quantile, type ShareInterval, shareInterval } from "../measure/mod.ts";
import type { Outcome } from "./one_comparison.ts";

/** Whether the sides of a comparison are alike, or the candidate has a slowdown planted. */
export const KINDS = ["aa", "planted"] as const;
export type Kind = typeof KINDS[number];

/** What must be the same for outcomes to be counted together. */
export interface Setup {
  readonly kind: Kind;
  readonly scenario: string;
  readonly sets: readonly string[];
  readonly trials: number;
  readonly slowdown_ratio: number;
  readonly metrics: readonly string[];
  readonly tolerance: number;
  /** Of values that are drawn and not measured; null where trials were played. */
  readonly simulated_noise: number | null;
}

/** A line of the file in which outcomes are kept. */
export interface Kept extends Outcome {
  readonly setup: Setup;
}

const SetupSchema: z.ZodType<Setup> = z.strictObject({
  kind: z.enum(KINDS),
  scenario: z.string(),
  sets: z.array(z.string()),
  trials: z.int(),
  slowdown_ratio: z.number(),
  metrics: z.array(z.string()),
  tolerance: z.number(),
  simulated_noise: z.number().nullable(),
});

export const KeptSchema: z.ZodType<Kept> = z.strictObject({
  setup: SetupSchema,
  regressed_first: z.array(z.string()),
  regressed: z.array(z.string()),
  improved: z.array(z.string()),
  ratios: z.record(z.string(), z.number().nullable()),
  failed_trials: z.int(),
});

/** What many comparisons came to. */
export interface Tally {
  readonly schema: "vfio-migbench/false-alarms@1";
  readonly setup: Setup;
  readonly comparisons: number;
  /** Comparisons with a metric that regressed, and regressed again when it was played again. */
  readonly alarms: number;
  /** That share with its 95 % interval (Clopper and Pearson). */
  readonly alarm_share: ShareInterval;
  /** Those that regressed at first, and were refuted or not. */
  readonly alarms_unconfirmed: number;
  /** Comparisons with a metric that improved. */
  readonly improved: number;
  /** Median over the comparisons, candidate to base. */
  readonly median_ratios: Readonly<Record<string, number>>;
  /** How often each metric was an alarm. */
  readonly alarms_by_metric: Readonly<Record<string, number>>;
  readonly failed_trials: number;
}

/** Counts outcomes. @throws {RangeError} for none */
export function tallyOf(setup: Setup, outcomes: readonly Outcome[]): Tally {
  const having = (key: "regressed" | "regressed_first" | "improved") =>
    outcomes.filter((one) => one[key].length > 0).length;
  const alarms = having("regressed");
  const medianRatio = (metric: string): [string, number][] => {
    const ratios = outcomes.flatMap((one) => one.ratios[metric] ?? []).sort((a, b) => a - b);
    return ratios.length === 0 ? [] : [[metric, quantile(ratios, 0.5)]];
  };
  return {
    schema: "vfio-migbench/false-alarms@1",
    setup,
    comparisons: outcomes.length,
    alarms,
    alarm_share: shareInterval(alarms, outcomes.length),
    alarms_unconfirmed: having("regressed_first"),
    improved: having("improved"),
    median_ratios: Object.fromEntries(setup.metrics.flatMap(medianRatio)),
    alarms_by_metric: Object.fromEntries(
      setup.metrics.map((metric) => [
        metric,
        outcomes.filter(({ regressed }) => regressed.includes(metric)).length,
      ]),
    ),
    failed_trials: outcomes.reduce((sum, one) => sum + one.failed_trials, 0),
  };
}

/** The tally in words. */
export function tallyText(tally: Tally): string {
  const { setup, comparisons, alarms, alarm_share: { share, low, high } } = tally;
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  const what = setup.kind === "aa" ? "raised a false alarm" : "were found";
  const planted = setup.kind === "aa"
    ? "two sides that are alike"
    : `a slowdown of ${percent(setup.slowdown_ratio)} planted in the data path`;
  const ratios = Object.entries(tally.median_ratios).map(([metric, ratio]) => {
    const count = tally.alarms_by_metric[metric] ?? 0;
    return `  ${metric.padEnd(34)} ${ratio.toFixed(3)}   ${String(count).padStart(4)}`;
  });
  return [
    `${alarms} of ${comparisons} comparisons ${what}: ${percent(share)} (95 % interval ${
      percent(low)
    } to ${percent(high)}).`,
    `${setup.scenario}, ${planted}, ${setup.trials} trials a side, tolerance ${
      percent(setup.tolerance)
    }; ${tally.alarms_unconfirmed} regressed before they were played again, ${tally.improved} had a metric that improved.`,
    `  ${"metric".padEnd(34)} ratio  alarms`,
    ...ratios,
    ...(tally.failed_trials > 0 ? [`${tally.failed_trials} trials failed.`] : []),
  ].join("\n");
}
