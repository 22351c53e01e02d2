import { SCENARIOS_DIR } from "./paths.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "./scenario/mod.ts";
import type { ExpectationMeta } from "./store/mod.ts";
import type { SuiteEntry } from "./suites.ts";

/** The cases of scenarios, and what these expect of themselves. */
export interface LoadedCases {
  readonly cases: Case[];
  readonly expect: ExpectationMeta[];
}

/**
 * Loads the scenarios of a suite, with what is set of them there and on the command line.
 *
 * @throws {ScenarioError} in one line
 */
export async function loadCases(
  entries: readonly SuiteEntry[],
  sets: readonly string[],
  sweeps: readonly string[],
): Promise<LoadedCases> {
  const cases: Case[] = [];
  const expect: ExpectationMeta[] = [];
  for (const entry of entries) {
    const file = await loadScenario(entry.scenario, SCENARIOS_DIR);
    const scenario = applyOverrides(file, [...entry.sets, ...sets], sweeps);
    cases.push(...expandCases(scenario));
    expect.push(...scenario.expect.map((one) => ({ ...one, scenario: scenario.name })));
  }
  return { cases, expect };
}
