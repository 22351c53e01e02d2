import type { Fault } from "../../core/fault/mod.ts";
import { SYSTEMS } from "./draw_scenario.ts";
import { kindOf } from "./fault_kind.ts";

/** What became of a trial of a sweep, as plain data. */
export interface SweptTrial {
  readonly number: number;
  readonly system: string;
  /** `broken` where it threw, or did not end. */
  readonly outcome: "completed" | "failed" | "cancelled" | "broken";
  /** Every fault of it, and how often it struck. */
  readonly faults: readonly { readonly kind: string; readonly times: number }[];
  readonly violations: readonly string[];
  /** What its record says, as a digest: the same for the same. */
  readonly digest: string;
}

/** What became of trials of one sort. */
export interface Row {
  readonly name: string;
  trials: number;
  /** Those into which it was injected. */
  struck: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** What a sweep comes to. */
export interface Tally {
  readonly bySystem: readonly Row[];
  /** By the first word of the fault's kind, and by the kind. */
  readonly byGroup: readonly Row[];
  readonly byKind: readonly Row[];
}

/** The faults of a trial, by kind. */
export function sweptFaults(
  faults: readonly Fault[],
  timesOf: (fault: number) => number,
): SweptTrial["faults"] {
  return faults.map((fault, i) => ({ kind: kindOf(fault), times: timesOf(i) }));
}

export function tallyOf(trials: readonly SweptTrial[]): Tally {
  const bySystem = new Map<string, Row>(SYSTEMS.map((name) => [name, emptyRow(name)]));
  const byGroup = new Map<string, Row>();
  const byKind = new Map<string, Row>();
  for (const trial of trials) {
    const anyStruck = trial.faults.some(({ times }) => times > 0);
    addTo(bySystem, trial.system, trial, anyStruck);
    for (const [rows, nameOf] of [[byGroup, groupOf], [byKind, (kind: string) => kind]] as const) {
      const names = new Set(trial.faults.map(({ kind }) => nameOf(kind)));
      for (const name of names) {
        const same = trial.faults.filter(({ kind }) => nameOf(kind) === name);
        addTo(rows, name, trial, same.some(({ times }) => times > 0));
      }
    }
  }
  return {
    bySystem: [...bySystem.values()],
    byGroup: sorted(byGroup),
    byKind: sorted(byKind),
  };
}

function groupOf(kind: string): string {
  return kind.split(" ")[0] ?? kind;
}

function addTo(rows: Map<string, Row>, name: string, { outcome }: SweptTrial, struck: boolean) {
  const row = rows.get(name) ?? emptyRow(name);
  rows.set(name, row);
  row.trials++;
  if (struck) row.struck++;
  if (outcome !== "broken") row[outcome]++;
}

function emptyRow(name: string): Row {
  return { name, trials: 0, struck: 0, completed: 0, failed: 0, cancelled: 0 };
}

function sorted(rows: ReadonlyMap<string, Row>): Row[] {
  return [...rows.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The tally as a table. */
export function tallyText(tally: Tally, withKinds: boolean): string {
  const sections: [string, readonly Row[]][] = [["system", tally.bySystem], [
    "fault on",
    tally.byGroup,
  ]];
  if (withKinds) sections.push(["fault", tally.byKind]);
  return sections.map(([title, rows]) => tableText(title, rows)).join("\n\n");
}

const COLUMNS = ["trials", "struck", "completed", "failed", "cancelled"] as const;

function tableText(title: string, rows: readonly Row[]): string {
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(width)}  ${cells.map((cell) => String(cell).padStart(9)).join("  ")}`;
  return [line(title, COLUMNS), ...rows.map((row) => line(row.name, COLUMNS.map((c) => row[c])))]
    .join("\n");
}
