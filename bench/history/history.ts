/**
 * What many runs measured, as series: one for each case and metric, and for the wall clock each machine.
 *
 * ```text
 *   run 1   run 2   run 3 ...             of a series, a point is the median of a run's trials
 *     x-------x-------x        step       all at once from one run to the next
 *     x-----x                  drift      little by little
 *             -----x---x
 * ```
 *
 * @module
 */
import { type Better, betterOf, canonicalJson, caseText, metricOf } from "../compare/mod.ts";
import { detectSteps, type LevelChange, summarize } from "../measure/mod.ts";
import type { CaseMeta, RunMeta, StoredRun } from "../store/mod.ts";

/** A run's part of a series. */
export interface HistoryPoint {
  /** The run's folder. */
  readonly run: string;
  readonly started_at: string;
  readonly median: number;
  readonly ci95: readonly [number, number];
  readonly trials: number;
}

/** A change of level, and whether it is one for the worse. */
export interface HistoryChange extends LevelChange {
  readonly verdict: "improved" | "regressed";
  /** The first run that has it, or the last of a drift. */
  readonly run: string;
  /** The level after over the level before; null where that was 0. */
  readonly ratio: number | null;
}

/** One case and metric over time. */
export interface HistorySeries {
  readonly case: string;
  readonly scenario: string;
  readonly clock: "wall" | "virtual";
  /** Which machine it was, counted from 1 in the order they appear; null on the virtual clock, which is the same on all. */
  readonly machine: number | null;
  readonly metric: string;
  readonly better: Better;
  /** The oldest first. */
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly HistoryChange[];
}

/** The series of a history, as `--json` gives them and the page draws them. */
export interface History {
  readonly schema: "vfio-migbench/history@1";
  readonly runs: number;
  /** What must be the same for points to be of one series, machine by machine. */
  readonly machines: readonly unknown[];
  readonly metrics: readonly string[];
  readonly series: readonly HistorySeries[];
}

/** What a run says of its cases: all that a history keeps of it. */
export interface HistoryRun {
  readonly run: string;
  readonly meta: RunMeta;
  readonly medians: readonly CaseMedians[];
}

interface CaseMedians {
  readonly one: CaseMeta;
  readonly metrics: Readonly<Record<string, Omit<HistoryPoint, "run" | "started_at">>>;
}

/** A run without its trials: histories are of hundreds of them. */
export function historyRun(
  run: string,
  { meta, trials }: StoredRun,
  metrics: readonly string[],
): HistoryRun {
  const good = trials.filter((one) => one.outcome === "completed" && one.state_verified);
  const byCase = Map.groupBy(good, (trial) => trial.case);
  const medians = meta.cases.map((one): CaseMedians => {
    const ofCase = byCase.get(one.index) ?? [];
    const entries = metrics.flatMap((metric) => {
      const values = ofCase.flatMap((trial) => metricOf(trial, metric) ?? []);
      if (values.length === 0) return [];
      const { median, ci95, n } = summarize(values);
      return [[metric, { median, ci95, trials: n }] as const];
    });
    return { one, metrics: Object.fromEntries(entries) };
  });
  return { run, meta, medians };
}

/**
 * The series of runs, in the order in which they began. Pure.
 *
 * On the wall clock runs of different machines (`environment.comparable`) are different series, and so are cases
 * with other parameters or devices. Series with one point are left out.
 */
export function historyOf(runs: readonly HistoryRun[], metrics: readonly string[]): History {
  const ordered = runs.toSorted((a, b) =>
    a.meta.started_at < b.meta.started_at ? -1 : a.meta.started_at > b.meta.started_at ? 1 : 0
  );
  const machines = new Map<string, number>();
  const found = new Map<string, { series: HistorySeries; points: HistoryPoint[] }>();
  for (const { run, meta, medians } of ordered) {
    const seen = new Map<string, number>();
    for (const { one, metrics: values } of medians) {
      const machine = one.clock === "virtual" ? null : machineOf(meta, machines);
      const base = `${machine} ${caseKey(one)}`;
      // Of cases that are the same in all, the nth is a series.
      const nth = seen.get(base) ?? 0;
      seen.set(base, nth + 1);
      for (const [metric, value] of Object.entries(values)) {
        const key = `${base} ${nth} ${metric}`;
        const kept = found.get(key) ?? newSeries(one, machine, metric);
        found.set(key, kept);
        kept.points.push({ run, started_at: meta.started_at, ...value });
      }
    }
  }
  return {
    schema: "vfio-migbench/history@1",
    runs: runs.length,
    machines: [...machines.keys()].map((text): unknown => JSON.parse(text)),
    metrics,
    series: [...found.values()].filter(({ points }) => points.length > 1)
      .map(({ series, points }) => ({ ...series, points, changes: changesOf(series, points) })),
  };
}

function newSeries(one: CaseMeta, machine: number | null, metric: string) {
  const series: HistorySeries = {
    case: caseText(one),
    scenario: one.scenario,
    clock: one.clock,
    machine,
    metric,
    better: betterOf(metric),
    points: [],
    changes: [],
  };
  return { series, points: new Array<HistoryPoint>() };
}

function machineOf({ environment }: RunMeta, machines: Map<string, number>): number {
  const comparable = typeof environment === "object" && environment !== null &&
      "comparable" in environment
    ? environment.comparable
    : null;
  const key = typeof comparable === "object" && comparable !== null
    ? canonicalJson(Object.entries(comparable))
    : "null";
  const known = machines.get(key) ?? machines.size + 1;
  machines.set(key, known);
  return known;
}

function caseKey({ scenario, clock, varies, params, settings = {} }: CaseMeta): string {
  return [
    JSON.stringify(scenario),
    clock,
    canonicalJson(Object.entries(varies)),
    canonicalJson(Object.entries(params)),
    canonicalJson(Object.entries(settings)),
  ].join(" ");
}

/** Where the level of a series' points changed. Pure. */
export function changesOf(
  { clock, better }: Pick<HistorySeries, "clock" | "better">,
  points: readonly HistoryPoint[],
): HistoryChange[] {
  const medians = points.map(({ median }) => median);
  const changes = clock === "virtual" ? exactSteps(medians) : detectSteps(medians);
  return changes.map((change): HistoryChange => ({
    ...change,
    verdict: (change.after > change.before) === (better === "lower") ? "regressed" : "improved",
    run: points[change.to]?.run ?? "",
    ratio: change.before === 0 ? null : change.after / change.before,
  }));
}

/** The virtual clock has no noise: every other value is a step. */
function exactSteps(medians: readonly number[]): LevelChange[] {
  return medians.flatMap((after, to) => {
    const before = medians[to - 1];
    return before === undefined || before === after
      ? []
      : [{ kind: "step" as const, from: to - 1, to, before, after, p: 0 }];
  });
}
