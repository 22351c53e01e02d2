import { SCENARIOS_DIR } from "./paths.ts";
import {
  applyOverrides,
  type Case,
  checkRealDevices,
  expandCases,
  type KernelSpec,
  loadScenario,
  onRealDevices,
} from "./scenario/mod.ts";
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
 * @param real Devices that take the place of the scenarios' own
 * @throws {ScenarioError} in one line
 */
export async function loadCases(
  entries: readonly SuiteEntry[],
  sets: readonly string[],
  sweeps: readonly string[],
  real: readonly KernelSpec[] | null = null,
): Promise<LoadedCases> {
  const cases: Case[] = [];
  const expect: ExpectationMeta[] = [];
  for (const entry of entries) {
    const file = await loadScenario(entry.scenario, SCENARIOS_DIR);
    const played = real === null ? file : onRealDevices(file, real);
    const scenario = applyOverrides(played, [...entry.sets, ...sets], sweeps);
    if (real !== null) checkRealDevices(scenario, real.length);
    cases.push(...expandCases(scenario));
    expect.push(...scenario.expect.map((one) => ({ ...one, scenario: scenario.name })));
  }
  return { cases, expect };
}
