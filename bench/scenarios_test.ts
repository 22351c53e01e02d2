/** The scenarios of the project say what they are expected to say. */

import { assert, assertEquals } from "@std/assert";
import { SCENARIOS_DIR } from "./paths.ts";
import { type ExpectationResult, resultDocument } from "./report/mod.ts";
import { expandCases, listScenarios, loadScenario, type Scenario } from "./scenario/mod.ts";
import { RUN_SCHEMA } from "./store/mod.ts";
import { runVirtualTrial } from "./trial/mod.ts";

function play(scenario: Scenario): readonly ExpectationResult[] {
  const cases = expandCases(scenario);
  const trials = cases.map((one, caseNumber) =>
    runVirtualTrial(one, { caseNumber, trial: 0, seed: one.seed }).record
  );
  const meta = {
    schema: RUN_SCHEMA,
    complete: true,
    name: scenario.name,
    seed: scenario.seed,
    started_at: "2026-01-01T00:00:00Z",
    finished_at: null,
    environment: null,
    cases: cases.map((one, index) => ({ ...one, index, trials: 1 })),
    expect: scenario.expect.map((one) => ({ ...one, scenario: scenario.name })),
  } as const;
  return resultDocument({ ...meta, cases: [...meta.cases], expect: [...meta.expect] }, trials)
    .expectations;
}

for (const name of await listScenarios(SCENARIOS_DIR)) {
  const scenario = await loadScenario(name, SCENARIOS_DIR);
  if (scenario.expect.length === 0) continue;
  Deno.test(`${name} says what it is expected to say`, () => {
    assertEquals(scenario.clock, "virtual", "only the virtual clock always says the same");
    const results = play(scenario);
    assertEquals(results.length, scenario.expect.length);
    assertEquals(results.filter(({ met }) => !met), []);
  });
}

Deno.test("an expectation that is not met is told", async () => {
  const scenario = await loadScenario("reinit", SCENARIOS_DIR);
  const [first] = scenario.expect;
  assert(first !== undefined);
  const [result] = play({ ...scenario, expect: [{ ...first, min: 1, max: 2 }] });
  assertEquals([result?.met, (result?.actual ?? 0) > 2], [false, true]);
});
