import type { ExpectationMeta } from "../store/mod.ts";
import type { CaseResult } from "./result_document.ts";

/** An expectation of a scenario and what came of it. */
export interface ExpectationResult {
  readonly scenario: string;
  readonly metric: string;
  readonly case: Readonly<Record<string, unknown>>;
  readonly relative_to?: Readonly<Record<string, unknown>>;
  readonly min: number;
  readonly max: number;
  readonly basis: ExpectationMeta["basis"];
  readonly reason?: string;
  /** The median, or the ratio of two; null where it was not measured. */
  readonly actual: number | null;
  readonly met: boolean;
}

/** Holds what was measured against what the scenarios expect. Pure. */
export function checkExpectations(
  expectations: readonly ExpectationMeta[],
  cases: readonly CaseResult[],
): ExpectationResult[] {
  return expectations.map((one): ExpectationResult => {
    const found = findCase(cases, one.scenario, one.case);
    const value = found && valueOf(found, one.metric);
    const base = one.relative_to && findCase(cases, one.scenario, one.relative_to);
    const actual = one.relative_to === undefined ? value : ratio(value, base, one.metric);
    const isWithin = actual !== undefined && actual >= one.min && actual <= one.max;
    const saysWhy = one.reason === undefined ||
      (found?.errors.every(({ message }) => message.includes(one.reason ?? "")) ?? false);
    return { ...one, actual: actual ?? null, met: isWithin && saysWhy };
  });
}

function findCase(
  cases: readonly CaseResult[],
  scenario: string,
  point: Readonly<Record<string, unknown>>,
): CaseResult | undefined {
  return cases.find((one) =>
    one.scenario === scenario &&
    Object.entries(point).every(([key, value]) => one.varies[key] === value)
  );
}

/**
 * The median of a metric: of the case, of a device (`devices.ID.METRIC`), or the part of trials that failed, or into
 * which all was injected that the case's plan has.
 */
function valueOf(one: CaseResult, metric: string): number | undefined {
  if (metric === "failed_ratio") return one.trials === 0 ? undefined : one.failed / one.trials;
  if (metric === "injected_ratio") return injectedRatio(one);
  const [group, ...rest] = metric.split(".");
  const name = rest.pop();
  const summary = group === "devices" && name !== undefined
    ? one.devices[rest.join(".")]?.metrics[name]
    : one.metrics[metric];
  return summary !== undefined && "median" in summary ? summary.median : undefined;
}

/** The part of trials in which a fault of the plan struck: the least of all its faults. */
function injectedRatio({ trials, injected }: CaseResult): number | undefined {
  if (injected === undefined || trials === 0) return undefined;
  return Math.min(...injected.map((one) => one.trials / trials));
}

function ratio(
  value: number | undefined,
  base: CaseResult | undefined,
  metric: string,
): number | undefined {
  const by = base && valueOf(base, metric);
  return value === undefined || by === undefined || by === 0 ? undefined : value / by;
}

/** Whether trials of the case were expected to fail, and did for the reason that was expected. */
export function expectsFailure(
  expectations: readonly ExpectationResult[],
  one: CaseResult,
): boolean {
  return expectations.some(({ metric, scenario, case: point, max, met }) =>
    metric === "failed_ratio" && max > 0 && met && scenario === one.scenario &&
    Object.entries(point).every(([key, value]) => one.varies[key] === value)
  );
}
