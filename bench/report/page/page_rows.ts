import type { CaseResult } from "../mod.ts";
import type { PageCase, PageRun } from "./page_run.ts";

/** A case of one run, as a row of a chart or a table. */
export interface PageRow extends PageCase {
  /** Which run it is of where there are two; empty where there is one. */
  readonly side: "" | "A" | "B";
  readonly scenario: string;
  /** What tells the case from the others of its scenario, its clock included where the scenario has both. */
  readonly label: string;
}

/** The cases of a scenario, those of a second run beside their own kind in the first. */
export interface ScenarioRows {
  readonly scenario: string;
  readonly rows: readonly PageRow[];
}

/**
 * The cases of one run or two by scenario, in the first run's order. A case of the second run follows the
 * first's with the same scenario, label and clock; those that only the second has come last.
 */
export function scenarioRows(runs: readonly PageRun[]): ScenarioRows[] {
  const groups = new Map<string, Map<string, PageRow[]>>();
  for (const [at, run] of runs.entries()) {
    const side = runs.length < 2 ? "" : at === 0 ? "A" : "B";
    for (const one of run.cases) {
      const { scenario, label, clock } = one.result;
      const byCase = groups.get(scenario) ?? new Map<string, PageRow[]>();
      groups.set(scenario, byCase);
      const key = JSON.stringify([label, clock]);
      const rows = byCase.get(key) ?? [];
      byCase.set(key, rows);
      rows.push({ ...one, side, scenario, label: labelOf(one.result, run.cases) });
    }
  }
  return [...groups].map(([scenario, byCase]) => ({
    scenario,
    rows: [...byCase.values()].flat(),
  }));
}

function labelOf(one: CaseResult, cases: readonly PageCase[]): string {
  const isOther = ({ result }: PageCase) =>
    result.scenario === one.scenario && result.label === one.label && result.clock !== one.clock;
  if (!cases.some(isOther)) return one.label;
  return one.label === "" ? `(${one.clock})` : `${one.label} (${one.clock})`;
}

/** A row's name within its scenario; the scenario's own where nothing varies. */
export function rowName({ label, scenario }: PageRow): string {
  return label === "" ? scenario : label;
}

/** A row's whole name. */
export function fullName({ label, scenario, side }: PageRow): string {
  const name = label === "" ? scenario : `${scenario} ${label}`;
  return side === "" ? name : `${side}: ${name}`;
}
