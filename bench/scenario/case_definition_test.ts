import { assert, assertEquals, assertThrows } from "@std/assert";
import * as z from "zod";
import { SCENARIOS_DIR } from "../paths.ts";
import { caseDefinition, definedCase } from "./case_definition.ts";
import { type Case, expandCases } from "./expand.ts";
import { listScenarios, loadScenario } from "./load.ts";
import { applyOverrides } from "./overrides.ts";

/** Written to a file and read back. */
function throughJson(one: Case): Case {
  const definition: unknown = JSON.parse(JSON.stringify(caseDefinition(one, SCENARIOS_DIR)));
  return definedCase(one, one.varies, one.params, definition, SCENARIOS_DIR);
}

Deno.test("every case of every scenario is made again from its definition", async () => {
  for (const name of await listScenarios(SCENARIOS_DIR)) {
    const cases = expandCases(await loadScenario(name, SCENARIOS_DIR));
    for (const one of cases) assertEquals(throughJson(one), one, `${name} ${one.label}`);
  }
});

Deno.test("so are cases of what can only be set", async () => {
  const sets = [
    ["devices=3", "host.adapter_contention=0.37", "warmup=auto", "seed=77"],
    ["devices.*.profile=virtio-net", "link.bandwidth=100Gbit/s"],
    ["devices.*.stop_copy_noise=0.123", "ram.size=1GiB"],
  ];
  for (const one of sets) {
    const scenario = applyOverrides(await loadScenario("multifd", SCENARIOS_DIR), one);
    for (const each of expandCases(scenario)) assertEquals(throughJson(each), each);
  }
});

Deno.test("a recording of the project is told without the folder that the project is in", async () => {
  const [one] = expandCases(await loadScenario("replay", SCENARIOS_DIR));
  assert(one !== undefined);
  for (const device of caseDefinition(one, SCENARIOS_DIR).devices) {
    if (device.kind === "replayed") assertEquals(device.capture.startsWith("../core/"), true);
  }
});

Deno.test("what defines no case is refused", async () => {
  const [one] = expandCases(await loadScenario("smoke", SCENARIOS_DIR));
  assert(one !== undefined);
  const whole = caseDefinition(one, SCENARIOS_DIR);
  const { ram: _, ...without } = whole;
  const refused = [undefined, null, {}, without, { ...whole, devices: [{ id: "x" }] }, {
    ...whole,
    more: 1,
  }];
  for (const definition of refused) {
    assertThrows(
      () => definedCase(one, one.varies, one.params, definition, SCENARIOS_DIR),
      z.ZodError,
    );
  }
});
