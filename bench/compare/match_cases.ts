/**
 * Which case of a candidate is the same question as which of a baseline.
 *
 * @module
 */
import type { CaseMeta } from "../store/mod.ts";
import { canonicalJson } from "../report/canonical_json.ts";
import { caseText, plainText } from "../report/case_text.ts";

/** Two cases that are held against each other. */
export interface CasePair {
  readonly base: CaseMeta;
  readonly candidate: CaseMeta;
  /** What the pair is called in a table. */
  readonly text: string;
}

/** A case that nothing is held against, and why. */
export interface Unmatched {
  readonly run: "base" | "candidate";
  readonly case: string;
  readonly reason: string;
}

/** What came of matching. */
export interface Matched {
  readonly pairs: readonly CasePair[];
  readonly unmatched: readonly Unmatched[];
  readonly warnings: readonly string[];
}

/**
 * Matches the cases of two runs by scenario, clock, what varies, the parameters and the devices, wherever they stand in their
 * runs. A parameter that only one of the runs knows, because it was made by another version, is not compared.
 *
 * @param anyway Whether cases that are left over are then matched by what varies alone, first within
 * their scenario and then across scenarios, where it is clear which is meant
 */
export function matchCases(
  base: readonly CaseMeta[],
  candidate: readonly CaseMeta[],
  anyway = false,
): Matched {
  const shared = sharedParams(base, candidate);
  const exact = (one: CaseMeta) => {
    const params = Object.entries(knownOf(one)).filter(([name]) => shared.has(name));
    return `${withinScenario(one)} ${canonicalJson(params)}`;
  };
  const warnings: string[] = [];
  let { pairs, left } = matchBy(exact, { base, candidate });
  if (anyway) {
    for (const keyOf of [withinScenario, acrossScenarios]) {
      const more = matchBy(keyOf, left, true);
      for (const pair of more.pairs) warnings.push(differenceText(pair, shared));
      pairs = [...pairs, ...more.pairs];
      left = more.left;
    }
  }
  const unmatched = (run: Unmatched["run"], other: string) =>
    left[run].map((one): Unmatched => ({
      run,
      case: caseText(one),
      reason: `not in the ${other}`,
    }));
  return {
    pairs: pairs.map((pair) => ({ ...pair, text: caseText(pair.candidate) })),
    unmatched: [...unmatched("base", "candidate"), ...unmatched("candidate", "base")],
    warnings,
  };
}

/** The names of the shared parameters in which two runs' cases of the same scenario differ: why none matched. */
export function differingParams(
  base: readonly CaseMeta[],
  candidate: readonly CaseMeta[],
): string[] {
  const shared = sharedParams(base, candidate);
  const { pairs } = matchBy(withinScenario, { base, candidate });
  return [...new Set(pairs.flatMap((pair) => differences(pair, shared)))];
}

/** What both cases of a pair know and have different values of. */
export function differingSettings(pair: Pair): string[] {
  return differences(pair, sharedParams([pair.base], [pair.candidate]));
}

type Pair = Omit<CasePair, "text">;

interface Sides {
  readonly base: readonly CaseMeta[];
  readonly candidate: readonly CaseMeta[];
}

/** Pairs cases with the same key: the first with the first, unless only a sole one with a sole one is meant. */
function matchBy(
  keyOf: (one: CaseMeta) => string,
  { base, candidate }: Sides,
  onlySole = false,
): { pairs: Pair[]; left: Sides } {
  const bases = Map.groupBy(base, keyOf);
  const candidates = Map.groupBy(candidate, keyOf);
  const pairs: Pair[] = [];
  for (const [key, ones] of bases) {
    const others = candidates.get(key) ?? [];
    if (onlySole && (ones.length > 1 || others.length > 1)) continue;
    for (const [i, one] of ones.entries()) {
      const other = others[i];
      if (other !== undefined) pairs.push({ base: one, candidate: other });
    }
  }
  const taken = new Set(pairs.flatMap((pair) => [pair.base, pair.candidate]));
  const left = {
    base: base.filter((one) => !taken.has(one)),
    candidate: candidate.filter((one) => !taken.has(one)),
  };
  return { pairs, left };
}

function withinScenario(one: CaseMeta): string {
  return `${JSON.stringify(one.scenario)} ${acrossScenarios(one)}`;
}

function acrossScenarios({ varies, clock }: CaseMeta): string {
  return `${clock} ${canonicalJson(Object.entries(varies))}`;
}

/** All that a run knows of a case: its parameters, and the rest by the keys that `--set` has. */
function knownOf({ params, settings }: CaseMeta): Readonly<Record<string, unknown>> {
  return { ...params, ...settings };
}

function textOf(one: CaseMeta, name: string): string {
  return JSON.stringify(knownOf(one)[name]) ?? "nothing";
}

function sharedParams(base: readonly CaseMeta[], candidate: readonly CaseMeta[]): Set<string> {
  const names = (cases: readonly CaseMeta[]) =>
    new Set(cases.flatMap((one) => Object.keys(knownOf(one))));
  return names(base).intersection(names(candidate));
}

function differences({ base, candidate }: Pair, shared: ReadonlySet<string>): string[] {
  return [...shared].filter((name) => textOf(base, name) !== textOf(candidate, name));
}

function differenceText(pair: Pair, shared: ReadonlySet<string>): string {
  const { base, candidate } = pair;
  const names = differences(pair, shared).map((name) =>
    `${name} is ${textOf(base, name)} and ${textOf(candidate, name)}`
  );
  const scenarios = base.scenario === candidate.scenario
    ? []
    : [`the base is of scenario ${base.scenario}`];
  return plainText(
    `${caseText(candidate)}: compared anyway, though ${[...scenarios, ...names].join(", ")}`,
  );
}
