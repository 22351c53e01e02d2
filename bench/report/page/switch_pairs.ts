import type { Summary } from "../../measure/mod.ts";
import type { CaseResult, ExpectationResult } from "../mod.ts";
import { summaryOf } from "../case_cells.ts";
import type { PageRow } from "./page_rows.ts";

/** A metric of a case with its expectation. */
export interface SwitchBar {
  readonly value: boolean;
  readonly row: PageRow;
  readonly summary: Summary | undefined;
  readonly expectations: readonly ExpectationResult[];
}

/** Cases that differ in nothing but one boolean key. */
export interface SwitchPair {
  /** What the others have in common; empty where nothing else varies. */
  readonly name: string;
  readonly side: PageRow["side"];
  readonly bars: readonly SwitchBar[];
}

/** A boolean key of a scenario and a metric, for every pair of cases it splits. */
export interface SwitchChart {
  readonly key: string;
  readonly metric: string;
  readonly pairs: readonly SwitchPair[];
}

/**
 * The charts of a scenario whose cases vary a boolean key: the downtime, and every other time that the scenario
 * has expectations of. None where no key does.
 */
export function switchCharts(
  rows: readonly PageRow[],
  expectationsOf: (row: PageRow) => readonly ExpectationResult[],
): SwitchChart[] {
  const keys = new Set(
    rows.flatMap(({ result }) =>
      Object.entries(result.varies).flatMap(([key, value]) =>
        typeof value === "boolean" ? [key] : []
      )
    ),
  );
  const expected = rows.flatMap((row) =>
    expectationsOf(row).map(({ metric }) => metric).filter((metric) => metric.endsWith("_ms"))
  );
  const metrics = [...new Set(["downtime_ms", ...expected])];
  return [...keys].flatMap((key) =>
    metrics.flatMap((metric) => {
      const pairs = pairsOf(rows, key, metric, expectationsOf);
      return pairs.length === 0 ? [] : [{ key, metric, pairs }];
    })
  );
}

function pairsOf(
  rows: readonly PageRow[],
  key: string,
  metric: string,
  expectationsOf: (row: PageRow) => readonly ExpectationResult[],
): SwitchPair[] {
  const split = rows.filter(({ result }) => typeof result.varies[key] === "boolean");
  const groups = Map.groupBy(split, (row) => {
    const others = Object.entries(row.result.varies).filter(([name]) => name !== key);
    return JSON.stringify([row.side, row.result.clock, others]);
  });
  return [...groups.values()].flatMap((group): SwitchPair[] => {
    const bars = group.map((row): SwitchBar => ({
      value: row.result.varies[key] === true,
      row,
      summary: metricSummary(row.result, metric),
      expectations: expectationsOf(row).filter((one) => one.metric === metric),
    })).sort((a, b) => Number(a.value) - Number(b.value));
    const [first] = group;
    if (first === undefined || bars.every(({ summary }) => summary === undefined)) return [];
    if (new Set(bars.map(({ value }) => value)).size < 2) return [];
    const others = Object.entries(first.result.varies).filter(([name]) => name !== key);
    const name = others.map(([other, value]) => `${other}=${value}`).join(" ");
    return [{ name, side: first.side, bars }];
  });
}

/** The summary of a metric of a case, or of a device of it (`devices.ID.METRIC`). */
function metricSummary(one: CaseResult, metric: string): Summary | undefined {
  const [group, ...rest] = metric.split(".");
  const name = rest.pop();
  return group === "devices" && name !== undefined
    ? one.devices[rest.join(".")]?.metrics[name]
    : summaryOf(one, metric);
}
