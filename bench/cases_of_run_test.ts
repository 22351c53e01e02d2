import { assert, assertEquals, assertThrows } from "@std/assert";
import { casesOfRun } from "./cases_of_run.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import {
  type Case,
  caseDefinition,
  caseSettings,
  expandCases,
  MAX_TURNS,
  ScenarioSchema,
} from "./scenario/mod.ts";
import { RUN_SCHEMA, RunError, type RunMeta } from "./store/mod.ts";

function onlyCase(): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "own",
    question: "Can it be gone on with?",
    devices: [{ id: "nic0", profile: "generic" }],
  }));
  assert(one !== undefined);
  return one;
}

function metaOf(one: Case): RunMeta {
  const { scenario, label, varies, params, clock, trials, shows } = one;
  return {
    schema: RUN_SCHEMA,
    complete: false,
    name: scenario,
    seed: 1,
    started_at: "2026-01-01T00:00:00.000Z",
    finished_at: null,
    environment: {},
    cases: [{
      scenario,
      index: 0,
      label,
      varies,
      params,
      settings: caseSettings(one),
      definition: caseDefinition(one, SCENARIOS_DIR),
      clock,
      trials,
      shows,
    }],
    expect: [],
  };
}

Deno.test("a run's cases are those that it began with", () => {
  const one = onlyCase();
  assertEquals(casesOfRun("run", metaOf(one)).get(0)?.devices, one.devices);
});

Deno.test("names that would lead out of the folders of streams and sessions are refused", () => {
  const one = onlyCase();
  const [device] = one.devices;
  assert(device !== undefined);
  for (
    const bad of [
      { ...one, scenario: "../../escaped" },
      { ...one, devices: [{ ...device, id: "../escaped" }] },
      { ...one, devices: [] },
      { ...one, devices: Array.from({ length: 65 }, (_, i) => ({ ...device, id: `nic${i}` })) },
    ]
  ) {
    assertThrows(() => casesOfRun("run", metaOf(bad)), RunError, "Cannot go on with the run run");
  }
});

Deno.test("what a device's state was written to is not written again because a file says so", () => {
  const one = onlyCase();
  const real = {
    id: "vfio0",
    kind: "kernel",
    device: "vfio0",
    to: "file:/etc/passwd",
    driver: "migdev",
    precopy: true,
    p2p: true,
    state_size: 0,
  } as const;
  const toFile = metaOf({ ...one, devices: [real] });
  assertThrows(() => casesOfRun("run", toFile), RunError, "went to a file");
  const toNull = metaOf({ ...one, devices: [{ ...real, to: "null" }] });
  assertEquals(casesOfRun("run", toNull).size, 1);
});

Deno.test("more trials than can be planned are refused", () => {
  const meta = metaOf({ ...onlyCase(), trials: MAX_TURNS });
  assertThrows(() => casesOfRun("run", meta), RunError, `${MAX_TURNS} are the most`);
});
