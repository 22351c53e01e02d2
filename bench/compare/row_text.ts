/**
 * The cells of a row, the same in every kind of table.
 *
 * @module
 */
import { plainText } from "../report/case_text.ts";
import type { Comparison } from "./comparison.ts";
import type { ComparisonRow, Side } from "./comparison_row.ts";
import { metricText } from "./metric.ts";

/** `12.3 ms ±1.2%`: the median and half the width of its interval. */
export function sideText(metric: string, { median, ci95: [low, high] }: Side): string {
  const text = metricText(metric, median);
  if (median === 0 || low === high) return text;
  const percent = (high - low) / 2 / Math.abs(median) * 100;
  return `${text} ±${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** `1.05 [1.02, 1.08]`; without an interval where there is none. */
export function ratioText({ ratio, ratio_ci95 }: ComparisonRow): string {
  if (ratio_ci95 === null) return exactText(ratio);
  const [low, high] = ratio_ci95;
  return `${numberText(ratio)} [${numberText(low)}, ${numberText(high)}]`;
}

/** The corrected p, as small as it is worth reading. */
export function pText({ p_corrected: p }: ComparisonRow): string {
  if (p === null) return "";
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

/**
 * The verdict; for an inconclusive one how many trials it needs, and for one that was played again what came of
 * that: `regressed (again: 1.094)`.
 */
export function verdictText(row: ComparisonRow): string {
  const { verdict, needed_trials, changed, again } = row;
  if (again !== null) {
    const text = `${again.verdict}, ${
      row.ratio_ci95 === null ? exactText(again.ratio) : numberText(again.ratio)
    }`;
    return verdict === "regressed"
      ? `regressed (again: ${text})`
      : `inconclusive (regressed, but played again: ${text})`;
  }
  if (needed_trials !== null) return `${verdict} (need at least ${needed_trials})`;
  const hasChanged = verdict === "same" && changed !== null && changed > 0;
  return hasChanged ? `same (but ${changed} trials changed)` : verdict;
}

/** What the comparison comes to, and what to do next. */
export function closingText({ rows, verdicts, by, confirmed_by }: Comparison): string {
  if (rows.length === 0) return "Nothing was compared.";
  const { regressed, improved, same, inconclusive } = verdicts;
  const counts =
    `${regressed} regressed, ${improved} improved, ${same} same, ${inconclusive} inconclusive.`;
  const advice = confirmed_by === null
    ? adviceOf(rows, verdicts, by === null ? "both" : "it")
    : confirmedText(rows, confirmed_by);
  return `${counts} ${advice}`;
}

/** What the re-run made of what had regressed. */
function confirmedText(rows: readonly ComparisonRow[], confirmed_by: string): string {
  const confirmed = rows.filter(({ verdict }) => verdict === "regressed").length;
  const refuted = rows.filter((one) => one.again !== null && one.verdict !== "regressed").length;
  const told = [
    ...(confirmed > 0 ? [`${confirmed} regressed again`] : []),
    ...(refuted > 0 ? [`${refuted} did not regress again and count as inconclusive`] : []),
  ].join(", ");
  return `Played again (${plainText(confirmed_by)}): ${told === "" ? "nothing came of it" : told}.`;
}

function adviceOf(
  rows: readonly ComparisonRow[],
  { regressed, inconclusive }: Comparison["verdicts"],
  runs: string,
): string {
  if (regressed > 0) {
    const measured = rows.some((one) => one.verdict === "regressed" && one.clock === "wall");
    return measured
      ? `Play ${runs} again (--confirm) before you believe it; --metric downtime_breakdown_ms.PART says where it comes from.`
      : "The virtual clock has no noise: the code or the scenario has changed.";
  }
  if (inconclusive > 0) {
    const needed = rows.flatMap((one) => one.needed_trials ?? []);
    return needed.length === 0
      ? "Play more trials to settle the inconclusive ones."
      : `To settle the inconclusive ones, play ${runs} with --trials ${
        Math.max(...needed)
      } or more.`;
  }
  return "Nothing got worse.";
}

/** What the numbers are, in one line; empty where the table needs none. */
export function legendText({ rows, tolerance }: Comparison): string {
  const tested = rows.filter((one) => one.p_corrected !== null);
  if (tested.length === 0) return "";
  const larger = tested.some((one) => (one.tolerance ?? 0) > tolerance);
  const noise = larger ? ", or the noise where that is larger" : "";
  // Inside one run a base stands in as many rows as there are values to compare with it.
  const sides = new Map(
    tested.flatMap(({ metric, base, candidate }) => [
      [JSON.stringify(["base", base.case, metric]), base.outliers],
      [JSON.stringify(["candidate", candidate.case, metric]), candidate.outliers],
    ]),
  );
  const outliers = sides.values().reduce((sum, count) => sum + count, 0);
  return [
    `Medians ± half their 95 % interval; ratio candidate / base with its 95 % interval; p corrected over ${tested.length} (Holm).`,
    `Tolerance ${Number((tolerance * 100).toPrecision(3))} %${noise}.`,
    ...(outliers === 0 ? [] : [`${outliers} values are outliers, and are in all numbers.`]),
  ].join(" ");
}

function numberText(value: number | null): string {
  if (value === null) return "inf";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3);
}

/** Without noise the smallest change counts, and must be seen: 1.0000021, and not 1.000. */
function exactText(value: number | null): string {
  if (value === null || value === 1) return numberText(value);
  const digits = Math.ceil(-Math.log10(Math.abs(value - 1))) + 1;
  return digits > 3 ? value.toFixed(Math.min(digits, 15)) : numberText(value);
}
