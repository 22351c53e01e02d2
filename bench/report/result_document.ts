import {
  type DurationSummary,
  type EstimateSummary,
  markOutliers,
  mergeHistograms,
  summarize,
  summarizeEstimates,
  summarizeUs,
  type Summary,
} from "../measure/mod.ts";
import { type BufferSizeAdvice, bufferSizeAdvice } from "./buffer_size_advice.ts";
import { type ScalingAdvice, scalingAdvice } from "./scaling_advice.ts";
import { checkExpectations, type ExpectationResult } from "./check_expectations.ts";
import type { ImportFields } from "../import/import_document.ts";
import type { CaseMeta, RunMeta, RunOrigin } from "../store/mod.ts";
import { isGood, isUnverifiable } from "../trial/is_good.ts";
import type { PeerFields, TrialError, TrialRecord, VerifiedBy } from "../trial/record.ts";

/**
 * What a run measured, as `--json` gives it and the table shows it. Made of a run folder alone, but for what
 * only an import's has.
 */
export interface ResultDocument extends Partial<ImportFields> {
  readonly schema: "vfio-migbench/result@1";
  /** false where the run was interrupted: what is here is true, but not all that was asked for. */
  readonly complete: boolean;
  readonly seed: number;
  /** Of the machine; null where all was played on the virtual clock, which is the same on every machine. */
  readonly environment: unknown;
  readonly cases: readonly CaseResult[];
  /** Where `buffer_size` varies: which one to take, for each channel. Else empty. */
  readonly buffer_size_advice: readonly BufferSizeAdvice[];
  /** Where the number of devices varies together with that of channels: up to how many it grows, and why. Else empty. */
  readonly scaling_advice: readonly ScalingAdvice[];
  /** What the scenarios expect of themselves, played as they stand, and what came of it. */
  readonly expectations: readonly ExpectationResult[];
  /** What makes the numbers less than they look: a noisy machine, a precision that was not reached. */
  readonly warnings: readonly string[];
  /** Where it was imported from; absent: the harness played it. */
  readonly origin?: RunOrigin;
}

/** Summaries by metric, the unit last in its name; durations of buffers come from histograms. */
export type Metrics = Readonly<Record<string, Summary | DurationSummary>>;

export interface CaseResult {
  readonly scenario: string;
  readonly label: string;
  readonly varies: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly clock: "wall" | "virtual";
  /** Trials that were played; those that failed are among them and in no metric but `state_verified`. */
  readonly trials: number;
  readonly failed: number;
  readonly state_verified: boolean;
  /** With real devices, who verifies; absent: the harness, by comparison. */
  readonly verified_by?: VerifiedBy;
  /** Of migrations to another process: all that their downtimes rest on; absent: both sides were in one process. */
  readonly downtime_rests_on?: readonly PeerFields["downtime_rests_on"][];
  readonly metrics: Metrics;
  readonly downtime_breakdown_ms: Readonly<Record<string, Summary>>;
  /** What a trial took beside its migration, where that was measured. */
  readonly fixed?: Readonly<Record<string, Summary>>;
  readonly devices: Readonly<Record<string, DeviceResult>>;
  /** What its row of the table is about. */
  readonly shows: "downtime" | "estimates";
  /** The numbers of the trials that are far from the others of the case, by metric; they are in every summary. */
  readonly outliers: Readonly<Record<string, readonly number[]>>;
  /** The faults of its plan, over all trials. Absent: it has none. */
  readonly injected?: readonly InjectedResult[];
  readonly errors: readonly TrialFailure[];
}

/** A fault of a case's plan. */
export interface InjectedResult {
  /** Its place in the plan, from 0, and in words. */
  readonly fault: number;
  readonly what: string;
  /** In how many trials it struck, and how often in all. */
  readonly trials: number;
  readonly times: number;
}

/** Why a trial failed. */
export type TrialFailure = TrialError & {
  readonly trial: number;
  readonly qemu_says: string;
  /** What had been injected into it, in words; absent: nothing. */
  readonly injected?: readonly string[];
};

/** A device of a case: its metrics, and how good its answers were, by kind. */
export interface DeviceResult {
  readonly metrics: Readonly<Record<string, Summary>>;
  readonly estimates: Readonly<Record<string, EstimateSummary>>;
}

export function resultDocument(meta: RunMeta, trials: readonly TrialRecord[]): ResultDocument {
  const byCase = Map.groupBy(trials, (trial) => trial.case);
  const cases = meta.cases.map((one) => caseResult(one, byCase.get(one.index) ?? []));
  return {
    schema: "vfio-migbench/result@1",
    complete: meta.complete,
    seed: meta.seed,
    environment: meta.cases.every(({ clock }) => clock === "virtual") ? null : meta.environment,
    cases,
    buffer_size_advice: bufferSizeAdvice(cases),
    scaling_advice: scalingAdvice(cases, { metas: meta.cases, environment: meta.environment }),
    // Half a run has half the trials, a part half the cases: what it says so far is held against nothing.
    expectations: meta.complete && meta.shard === undefined
      ? checkExpectations(meta.expect, cases)
      : [],
    warnings: meta.warnings ?? [],
    ...(meta.origin === undefined ? {} : { origin: meta.origin }),
  };
}

function caseResult(one: CaseMeta, trials: readonly TrialRecord[]): CaseResult {
  const { scenario, label, varies, params, clock, shows } = one;
  const good = trials.filter(isGood);
  const verified_by = trials[0]?.verified_by;
  const bases = [...new Set(good.flatMap(({ peer }) => peer?.downtime_rests_on ?? []))];
  const verified = isUnverifiable(verified_by)
    ? []
    : trials.map((trial) => trial.state_verified ? 1 : 0);
  return {
    scenario,
    label,
    varies,
    params,
    clock,
    trials: trials.length,
    failed: trials.length - good.length,
    state_verified: trials.length > 0 && trials.every((trial) => trial.state_verified),
    ...(verified_by === undefined ? {} : { verified_by }),
    ...(bases.length === 0 ? {} : { downtime_rests_on: bases }),
    metrics: {
      ...summaries(good.map((trial) => trial.metrics)),
      ...durations(good.map((trial) => trial.histograms)),
      ...(verified.length > 0 ? { state_verified: summarize(verified) } : {}),
    },
    downtime_breakdown_ms: summaries(good.map((trial) => trial.downtime_breakdown_ms)),
    ...fixedCosts(good),
    devices: deviceResults(good),
    shows,
    outliers: clock === "wall" ? outliersOf(good) : {},
    ...injectedOf(trials),
    errors: trials.flatMap(failureOf),
  };
}

function failureOf({ trial, error, qemu_says, injected = [] }: TrialRecord): TrialFailure[] {
  if (error === null) return [];
  const struck = injected.filter(({ times }) => times > 0).map(({ what }) => what);
  return [{ trial, ...error, qemu_says, ...(struck.length === 0 ? {} : { injected: struck }) }];
}

/** The plan is the same in all trials of a case. */
function injectedOf(trials: readonly TrialRecord[]): Pick<CaseResult, "injected"> {
  const all = trials.flatMap(({ injected = [] }) => injected);
  if (all.length === 0) return {};
  const byFault = [...Map.groupBy(all, ({ fault }) => fault).values()];
  const injected = byFault.flatMap((same): InjectedResult[] => {
    const [first] = same;
    if (first === undefined) return [];
    const { fault, what } = first;
    const times = same.reduce((sum, one) => sum + one.times, 0);
    return [{ fault, what, trials: same.filter((one) => one.times > 0).length, times }];
  });
  return { injected };
}

/** What a user would ask of a slow trial: how long, and how fast. Other metrics follow from them, or are counts. */
const OUTLIER_METRICS = [
  "downtime_ms",
  "total_time_ms",
  "throughput_precopy_bytes_per_s",
  "throughput_stopcopy_bytes_per_s",
] as const;

/** Of fewer values, most are far from the others by chance. */
const FEWEST_FOR_OUTLIERS = 6;

/** By the rule of `markOutliers`: more than 3.5 sigmas from the median, sigma as the MAD gives it. */
function outliersOf(good: readonly TrialRecord[]): CaseResult["outliers"] {
  const outliers: Record<string, number[]> = {};
  for (const metric of OUTLIER_METRICS) {
    const measured = good.flatMap(({ trial, metrics }) => {
      const value = metrics[metric];
      return value === undefined ? [] : [{ trial, value }];
    });
    if (measured.length < FEWEST_FOR_OUTLIERS) continue;
    const marks = markOutliers(measured.map(({ value }) => value));
    const marked = measured.filter((_, i) => marks[i] === true).map(({ trial }) => trial);
    if (marked.length > 0) outliers[metric] = marked;
  }
  return outliers;
}

function fixedCosts(good: readonly TrialRecord[]): Pick<CaseResult, "fixed"> {
  const measured = good.flatMap(({ fixed }) => fixed === undefined ? [] : [{ ...fixed }]);
  return measured.length === 0 ? {} : { fixed: summaries(measured) };
}

/** Each key's values over all records that have it, summarised; keys in the order they first appear. */
function summaries(
  records: readonly Readonly<Record<string, number>>[],
): Record<string, Summary> {
  const values = new Map<string, number[]>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) {
      const list = values.get(key);
      if (list === undefined) values.set(key, [value]);
      else list.push(value);
    }
  }
  return Object.fromEntries([...values].map(([key, list]) => [key, summarize(list)]));
}

/** Histograms are merged, percentiles never averaged. */
function durations(
  records: readonly Readonly<Record<string, string>>[],
): Record<string, DurationSummary> {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  const result: Record<string, DurationSummary> = {};
  for (const name of names) {
    const encoded = records.map((record) => record[name]).filter((one) => one !== undefined);
    const merged = mergeHistograms(encoded);
    if (merged !== undefined) result[name] = summarizeUs(merged);
  }
  return result;
}

function deviceResults(good: readonly TrialRecord[]): CaseResult["devices"] {
  const ids = new Set(good.flatMap((trial) => Object.keys(trial.devices)));
  return Object.fromEntries(
    [...ids].map((id) => {
      const records = good.map((trial) => trial.devices[id]?.metrics).filter((m) =>
        m !== undefined
      );
      return [id, { metrics: summaries(records), estimates: estimatesOf(good, id) }];
    }),
  );
}

function estimatesOf(good: readonly TrialRecord[], id: string): DeviceResult["estimates"] {
  const perTrial = good.flatMap((trial) => Object.entries(trial.devices[id]?.estimates ?? {}));
  const byKind = Map.groupBy(perTrial, ([kind]) => kind);
  return Object.fromEntries(
    [...byKind].map(([kind, all]) => [kind, summarizeEstimates(all.map(([, one]) => one))]),
  );
}
