import {
  applyOverrides,
  expandCases,
  findSetting,
  labelValue,
  type Scenario,
  ScenarioError,
} from "../scenario/mod.ts";
import { runVirtualTrial } from "../trial/mod.ts";
import { type Candidate, candidatesFor } from "./candidates.ts";
import type { Subject } from "./read_subject.ts";
import { varyNumbers } from "./vary_numbers.ts";
import { whyOver } from "./why_over.ts";

/** The format of `--json`. */
export const ADVICE_SCHEMA = "vfio-migbench/advice@1";

/** Settings that were tried. Times are null where the migration does not come to its end. */
export interface Tried {
  /** As `--set` takes them; none: everything as it is, with the asked limit as QEMU's. */
  readonly sets: readonly string[];
  readonly downtime_ms: number | null;
  readonly total_time_ms: number | null;
  readonly meets: boolean;
  /** Why not; null where it meets the limit. */
  readonly why: string | null;
}

/** What the answer would be with another number. */
export interface HangsOn {
  readonly key: string;
  readonly value: number;
  /** The same as `--set` takes it: with its unit. */
  readonly text: string;
  readonly less_downtime_ms: number | null;
  readonly more_downtime_ms: number | null;
  /** Whether one of the two is on the other side of the limit. */
  readonly flips: boolean;
  readonly source: string;
}

/** Advice on one migration. */
export interface Advice {
  readonly schema: typeof ADVICE_SCHEMA;
  readonly subject: string;
  readonly downtime_limit_ms: number;
  /** The scenario as it stands, its own downtime limit and all. */
  readonly as_it_is: Tried;
  /** The cheapest in total time of those that meet the limit. */
  readonly answer: Tried | null;
  /** The one of them with the shortest downtime, and so with the most room below the limit. */
  readonly safest: Tried | null;
  /** Those that meet the limit first, cheapest first; then the others, nearest first. */
  readonly tried: readonly Tried[];
  /** By how many percent numbers were varied. */
  readonly varied_percent: number;
  /** The numbers that carry the answer (or, without one, the nearest miss), the heaviest first. */
  readonly hangs_on: readonly HangsOn[];
}

/** How many numbers are named. */
const MOST_NAMED = 3;
/** Of every matter the best change goes into combinations, of so many matters. */
const MOST_COMBINED = 5;

/**
 * Tries settings on a scenario's virtual clock: each change alone, then the best of each matter together, two and
 * three at a time; then varies every number that the best settings rest on.
 *
 * @throws {ScenarioError} in one line, where the scenario cannot be played on the virtual clock
 */
export function advise(subject: Subject, limit_ms: number, percent = 20): Advice {
  const { scenario } = subject;
  const as_it_is = tryOut(scenario, [], limit_ms);
  const base = applyOverrides(scenario, [
    `downtime_limit_ms=${limit_ms}`,
    "downtime_limit_changes_at_ms=0",
  ]);
  const seen = new Map<string, Tried>();
  const attempt = (sets: readonly string[]): Tried | null => {
    const played = tryOrSkip(base, sets, limit_ms);
    if (played !== null) seen.set(sets.join(" "), played);
    return played;
  };
  attempt([]);
  const singles = candidatesFor(base, limit_ms).flatMap((candidate) => {
    const tried = attempt(candidate.sets);
    return tried === null ? [] : [{ candidate, tried }];
  });
  for (const sets of combinations(bestOfEach(singles))) attempt(sets);
  const tried = withoutEffectless([...seen.values()].sort(byWorth));
  const best = tried[0];
  return {
    schema: ADVICE_SCHEMA,
    subject: subject.name,
    downtime_limit_ms: limit_ms,
    as_it_is,
    answer: best?.meets === true ? best : null,
    safest: shortest(tried.filter((one) => one.meets)),
    tried,
    varied_percent: percent,
    hangs_on: best === undefined ? [] : whatCarries(subject, base, best, limit_ms, percent),
  };
}

function tryOut(scenario: Scenario, sets: readonly string[], limit_ms: number): Tried {
  const [one] = expandCases(applyOverrides(scenario, sets));
  if (one === undefined) throw new RangeError("Cannot try a scenario without a case");
  const { record } = runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: one.seed });
  const { downtime_ms = null, total_time_ms = null } = record.metrics;
  const meets = record.error === null && downtime_ms !== null && downtime_ms <= limit_ms;
  return {
    sets,
    downtime_ms,
    total_time_ms,
    meets,
    why: meets ? null : whyOver(record, limit_ms),
  };
}

/** null for settings that do not go together. */
function tryOrSkip(base: Scenario, sets: readonly string[], limit_ms: number): Tried | null {
  try {
    return tryOut(base, sets, limit_ms);
  } catch (error) {
    if (!(error instanceof ScenarioError) || sets.length === 0) throw error;
    return null;
  }
}

/** Who meets the limit is better, then who costs less; of those who do not, who is nearest. */
function byWorth(a: Tried, b: Tried): number {
  if (a.meets !== b.meets) return a.meets ? -1 : 1;
  const [x, y] = a.meets ? [a.total_time_ms, b.total_time_ms] : [a.downtime_ms, b.downtime_ms];
  return (x ?? Infinity) - (y ?? Infinity) || a.sets.length - b.sets.length || 0;
}

function shortest(tried: readonly Tried[]): Tried | null {
  return tried.reduce<Tried | null>(
    (best, one) => (one.downtime_ms ?? Infinity) < (best?.downtime_ms ?? Infinity) ? one : best,
    null,
  );
}

interface Single {
  readonly candidate: Candidate;
  readonly tried: Tried;
}

/** The best single change of each matter, the best matters first. */
function bestOfEach(singles: readonly Single[]): Single[] {
  const best = new Map<string, Single>();
  for (const one of singles) {
    const other = best.get(one.candidate.matter);
    if (other === undefined || byWorth(one.tried, other.tried) < 0) {
      best.set(one.candidate.matter, one);
    }
  }
  return [...best.values()].sort((a, b) => byWorth(a.tried, b.tried)).slice(0, MOST_COMBINED);
}

/** Two and three of them together. */
function combinations(singles: readonly Single[]): string[][] {
  const sets = singles.map(({ candidate }) => candidate.sets);
  const together: string[][] = [];
  for (const [i, a] of sets.entries()) {
    for (const [j, b] of sets.entries()) {
      if (j <= i) continue;
      together.push([...a, ...b]);
      for (const c of sets.slice(j + 1)) together.push([...a, ...b, ...c]);
    }
  }
  return together;
}

/** Of settings that come to the very same, the shortest says it all. */
function withoutEffectless(sorted: readonly Tried[]): Tried[] {
  const outcomes = new Set<string>();
  return sorted.filter(({ sets, downtime_ms, total_time_ms, why }) => {
    const outcome = `${downtime_ms} ${total_time_ms} ${why}`;
    const isNew = !outcomes.has(outcome);
    outcomes.add(outcome);
    return isNew || sets.length <= 1;
  });
}

function valueText({ devices }: Scenario, key: string, value: number): string {
  const setting = findSetting(key, devices);
  return setting === undefined ? String(value) : labelValue(setting.field, value);
}

/** Varies each number that the settings rest on, one at a time. */
function whatCarries(
  { sourceOf }: Subject,
  base: Scenario,
  best: Tried,
  limit_ms: number,
  percent: number,
): HangsOn[] {
  const chosen = applyOverrides(base, best.sets);
  const effects = varyNumbers(chosen, percent, (varied) => tryOut(varied, [], limit_ms));
  const isApart = (tried: Tried) => tried.meets !== best.meets;
  const weight = (tried: Tried) =>
    tried.downtime_ms === null || best.downtime_ms === null
      ? (tried.downtime_ms === best.downtime_ms ? 0 : Infinity)
      : Math.abs(tried.downtime_ms - best.downtime_ms);
  return effects
    .map(({ key, value, less, more }) => ({
      key,
      value,
      text: valueText(chosen, key, value),
      less_downtime_ms: less.downtime_ms,
      more_downtime_ms: more.downtime_ms,
      flips: isApart(less) || isApart(more),
      source: sourceOf(key),
      weight: Math.max(weight(less), weight(more)),
    }))
    .filter((one) => one.weight > 0)
    .sort((a, b) =>
      Number(b.flips) - Number(a.flips) || Number(b.weight > a.weight) - Number(b.weight < a.weight)
    )
    .slice(0, MOST_NAMED)
    .map(({ weight: _, ...named }) => named);
}
