/**
 * Comparisons inside one run: along one key that varies.
 *
 * @module
 */
import type { CaseMeta } from "../store/mod.ts";
import { UsageError } from "../usage_error.ts";
import { canonicalJson } from "../report/canonical_json.ts";
import { caseText, plainText, valueTexts } from "../report/case_text.ts";
import { type CasePair, type Matched, type Unmatched } from "./match_cases.ts";

/**
 * Pairs the cases of a run along a key: the first value, or the one that is named, against each other one.
 * All else that varies, and all other parameters, are the same in a pair. A `variant` sets parameters of its
 * own, which may then differ.
 *
 * ```text
 *   by buffer_size    channel=ring   4KiB -> 64KiB
 *                     channel=ring   4KiB -> 1MiB
 *                     channel=unix   4KiB -> 64KiB   ...
 * ```
 *
 * @param baseText The base value, as the label has it (`64KiB`) or as it is (`65536`)
 * @throws {UsageError} for a key that does not vary, or a value that it does not have
 */
export function pairAlong(
  cases: readonly CaseMeta[],
  key: string,
  baseText?: string,
): Matched {
  const varying = cases.filter((one) => Object.hasOwn(one.varies, key));
  if (varying.length === 0) throw noSuchKey(cases, key);
  const isBase = (one: CaseMeta) => textOf(one, key) === baseText || rawOf(one, key) === baseText;
  if (baseText !== undefined && !varying.some(isBase)) throw noSuchValue(varying, key, baseText);
  const pairs: CasePair[] = [];
  const unmatched: Unmatched[] = [];
  for (const group of Map.groupBy(varying, groupKeys(varying, key)).values()) {
    const base = baseText === undefined ? group[0] : group.find(isBase);
    const others = group.filter((one) => one !== base);
    if (base !== undefined && others.length > 0) {
      pairs.push(
        ...others.map((candidate) => ({ base, candidate, text: pairText(base, candidate, key) })),
      );
      continue;
    }
    const reason = base === undefined ? `${key} is never ${baseText}` : `${key} has no other value`;
    unmatched.push(...group.map((one): Unmatched => ({
      run: "candidate",
      case: caseText(one),
      reason: plainText(reason),
    })));
  }
  return { pairs, unmatched, warnings: [] };
}

/** The key of a case's group: all but the value. Of cases that are the same in all, the nth are a group. */
function groupKeys(cases: readonly CaseMeta[], key: string): (one: CaseMeta) => string {
  const seen = new Map<string, number>();
  const keys = new Map(cases.map((one) => {
    const { scenario, clock } = one;
    const varies = Object.entries(one.varies).filter(([name]) => name !== key);
    const params = key === "variant"
      ? []
      : Object.entries(one.params).filter(([name]) => name !== key);
    const group = [
      JSON.stringify(scenario),
      key === "clock" ? "" : clock,
      canonicalJson(varies),
      canonicalJson(params),
    ].join(" ");
    const whole = `${group} ${JSON.stringify(one.varies[key])}`;
    const nth = seen.get(whole) ?? 0;
    seen.set(whole, nth + 1);
    return [one, `${group} ${nth}`] as const;
  }));
  return (one) => keys.get(one) ?? "";
}

function pairText(base: CaseMeta, candidate: CaseMeta, key: string): string {
  const rest = [...valueTexts(candidate)].filter(([name]) => name !== key)
    .map(([name, text]) => `${name}=${text}`);
  const label = [...rest, `${key}=${textOf(base, key)} -> ${textOf(candidate, key)}`].join(" ");
  return caseText({ ...candidate, label });
}

function textOf(one: CaseMeta, key: string): string {
  return valueTexts(one).get(key) ?? rawOf(one, key);
}

function rawOf(one: CaseMeta, key: string): string {
  return String(one.varies[key]);
}

function noSuchKey(cases: readonly CaseMeta[], key: string): UsageError {
  const keys = [...new Set(cases.flatMap((one) => Object.keys(one.varies)))];
  const varying = keys.length === 0 ? "nothing does" : `${keys.join(", ")} do`;
  return new UsageError(
    plainText(`Cannot compare by ${key}: it does not vary in this run; ${varying}`),
  );
}

function noSuchValue(cases: readonly CaseMeta[], key: string, value: string): UsageError {
  const values = new Set(cases.map((one) => textOf(one, key)));
  return new UsageError(
    plainText(`Cannot take ${key}=${value} as the base: there are ${[...values].join(", ")}`),
  );
}
