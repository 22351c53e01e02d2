/**
 * Why two runs are not compared.
 *
 * @module
 */
import type { RunMeta } from "../store/mod.ts";
import { plainText } from "../report/case_text.ts";
import { differingParams, type Matched } from "./match_cases.ts";

/** Two runs, and how they were named. */
export interface TwoRuns {
  readonly base: RunMeta;
  readonly candidate: RunMeta;
  /** Whether they are to be compared though they differ. */
  readonly anyway: boolean;
}

/** What there is to say of two runs before they are compared: a line why not, or a warning for the table. */
export interface Comparability {
  readonly refusal: string | null;
  readonly warnings: readonly string[];
}

/**
 * Runs of different machines are not comparable, unless all that is compared was played on the virtual clock,
 * which says the same on every machine. Nor are runs without a case in common.
 */
export function comparability(runs: TwoRuns, { pairs }: Matched): Comparability {
  const { base, candidate, anyway } = runs;
  if (pairs.length === 0) return { refusal: plainText(nothingInCommon(runs)), warnings: [] };
  const isWall = pairs.some((pair) =>
    pair.base.clock === "wall" || pair.candidate.clock === "wall"
  );
  const differing = isWall ? differingKeys(base, candidate) : [];
  if (differing.length === 0) return { refusal: null, warnings: [] };
  const text = plainText(differing.join(", "));
  return anyway
    ? { refusal: null, warnings: [`Compared anyway, though the environments differ: ${text}`] }
    : {
      refusal:
        `Cannot compare runs of different environments: ${text}. Play both on one machine, or take --anyway`,
      warnings: [],
    };
}

function nothingInCommon({ base, candidate, anyway }: TwoRuns): string {
  const scenarios = [base, candidate].map(({ cases }) => new Set(cases.map((one) => one.scenario)));
  const [ofBase = new Set<string>(), ofCandidate = new Set<string>()] = scenarios;
  const differing = differingParams(base.cases, candidate.cases);
  const why = ofBase.isDisjointFrom(ofCandidate)
    ? `the base is of ${listOf(ofBase)}, the candidate of ${listOf(ofCandidate)}`
    : differing.length > 0
    ? `of the same scenario, but ${differing.join(", ")} differ`
    : "what varies is not the same";
  const next = anyway
    ? "no cases vary alike either"
    : "--anyway compares the cases that vary alike";
  return `Cannot compare runs of different cases: ${why}; ${next}`;
}

function listOf(names: ReadonlySet<string>): string {
  return names.size === 0 ? "nothing" : [...names].join(", ");
}

/** The keys of `environment.comparable` that are not the same in both, with both values; and where the destination was. */
function differingKeys(base: RunMeta, candidate: RunMeta): string[] {
  const before = comparableOf(base.environment);
  const after = comparableOf(candidate.environment);
  if (before === undefined || after === undefined) return ["one does not say what it was"];
  before.destination = base.peer ?? "in the same process";
  after.destination = candidate.peer ?? "in the same process";
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const [was, is] = [JSON.stringify(before[key]), JSON.stringify(after[key])];
    return was === is ? [] : [`${key} (${was ?? "unknown"}, ${is ?? "unknown"})`];
  });
}

function comparableOf(environment: unknown): Record<string, unknown> | undefined {
  const comparable = propertyOf(environment, "comparable");
  if (typeof comparable !== "object" || comparable === null) return undefined;
  return Object.fromEntries(Object.entries(comparable));
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? Object.fromEntries(Object.entries(value))[key]
    : undefined;
}
