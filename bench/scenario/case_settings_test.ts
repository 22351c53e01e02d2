import { assert, assertEquals } from "@std/assert";
import { caseSettings, type SettingValue } from "./case_settings.ts";
import { expandCases } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { ScenarioSchema } from "./schema.ts";

function settingsOf(...sets: string[]): Record<string, SettingValue> {
  const scenario = ScenarioSchema.parse({
    name: "s",
    question: "?",
    devices: [{ id: "nic0", profile: "generic" }, { id: "old", capture: "captures/mtty.jsonl" }],
  });
  const [one] = expandCases(applyOverrides(scenario, sets));
  assert(one !== undefined);
  return caseSettings(one);
}

Deno.test("whatever is set of a device or of RAM makes another case", () => {
  const plain = settingsOf();
  assertEquals(plain["devices.nic0.profile"], "generic");
  assertEquals(plain["devices.old.capture"], "mtty.jsonl");
  for (const set of ["devices.nic0.dirty_rate=5", "devices.nic0.reinit_at_ms=5", "ram.size=4096"]) {
    const [key = ""] = set.split("=");
    assert(String(settingsOf(set)[key]) !== String(plain[key]), set);
  }
});

Deno.test("what plays no part is not there", () => {
  assertEquals("link.bandwidth" in settingsOf(), false);
  assertEquals("link.bandwidth" in settingsOf("clock=virtual"), true);
  assertEquals("region.mapped" in settingsOf(), false);
});
