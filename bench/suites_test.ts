import { assertEquals } from "@std/assert";
import { SCENARIOS_DIR } from "./paths.ts";
import { applyOverrides, expandCases, listScenarios, loadScenario } from "./scenario/mod.ts";
import { type SuiteEntry, SUITES } from "./suites.ts";

async function clocksOf({ scenario, sets }: SuiteEntry): Promise<string[]> {
  const cases = expandCases(applyOverrides(await loadScenario(scenario, SCENARIOS_DIR), sets));
  return cases.map(({ clock }) => `${scenario} ${clock}`);
}

Deno.test("every entry of every suite can be played", async () => {
  for (const entries of Object.values(SUITES)) {
    for (const entry of entries) await clocksOf(entry);
  }
});

Deno.test("the nightly suite has every scenario, and the systems on both clocks", async () => {
  const names = new Set(SUITES.nightly.map(({ scenario }) => scenario));
  assertEquals([...names].sort(), await listScenarios(SCENARIOS_DIR));
  const clocks = new Set((await Promise.all(SUITES.nightly.map(clocksOf))).flat());
  for (const system of ["precopy", "v1-region", "virtio-precopy", "reinit", "multifd"]) {
    assertEquals(clocks.has(`${system} wall`), true, system);
    if (system !== "precopy") assertEquals(clocks.has(`${system} virtual`), true, system);
  }
});
