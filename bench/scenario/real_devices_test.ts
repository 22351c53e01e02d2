import { assertEquals, assertThrows } from "@std/assert";
import type { KernelSpec } from "./device_spec.ts";
import { caseSettings } from "./case_settings.ts";
import { expandCases } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { checkRealDevices, onRealDevices } from "./real_devices.ts";
import { ScenarioError } from "./scenario_error.ts";
import { type Scenario, ScenarioSchema } from "./schema.ts";

function spec(id: string, p2p = true): KernelSpec {
  const state_size = 1024;
  return {
    id,
    kind: "kernel",
    device: id,
    to: "null",
    driver: "migdev",
    precopy: true,
    p2p,
    state_size,
  };
}

function scenario(extra: Readonly<Record<string, unknown>> = {}): Scenario {
  return ScenarioSchema.parse({
    name: "tiny",
    question: "Does anything move at all?",
    clock: "virtual",
    devices: [{ id: "nic0", profile: "generic" }, { id: "nic1", profile: "generic" }],
    ...extra,
  });
}

/** As the command does it. */
function play(
  file: Scenario,
  specs: readonly KernelSpec[],
  sets: string[] = [],
  sweeps: string[] = [],
) {
  const played = applyOverrides(onRealDevices(file, specs), sets, sweeps);
  checkRealDevices(played, specs.length);
  return expandCases(played);
}

Deno.test("real devices take the place of a scenario's, on the wall clock and without its expectations", () => {
  const expect = [{ case: {}, metric: "downtime_ms", value: 1, within: 0.1, basis: "fitted" }];
  const file = scenario({ expect });
  assertEquals(onRealDevices(file, [spec("a")]).expect, []);
  const [one, ...others] = play(file, [spec("a"), spec("b")]);
  assertEquals([one?.clock, one?.devices.map(({ id }) => id), others], ["wall", ["a", "b"], []]);
});

Deno.test("params are the scenario's: precopy and p2p take the states from real devices too", () => {
  const cases = play(scenario({ matrix: { precopy: [false, true] } }), [spec("a")], ["p2p=off"]);
  const [off, on] = cases.map(({ devices: [device] }) =>
    device?.kind === "kernel" ? [device.precopy, device.p2p] : null
  );
  assertEquals([off, on], [[false, false], [true, false]]);
  assertEquals(cases.map((one) => caseSettings(one)["devices.a.driver"]), ["migdev", "migdev"]);
});

Deno.test("fewer of them can be played, more cannot", () => {
  const two = [spec("a"), spec("b")];
  assertEquals(play(scenario(), two, ["devices=1"])[0]?.devices.length, 1);
  assertEquals(play(scenario(), two, [], ["devices=1,2"]).map((one) => one.devices.length), [1, 2]);
  assertThrows(
    () => play(scenario({ matrix: { devices: [1, 4] } }), two),
    ScenarioError,
    "wants 4",
  );
});

Deno.test("what real devices do not have is refused in one line", () => {
  const REFUSED: readonly [file: Scenario, sets: string[], why: string][] = [
    [scenario(), ["clock=virtual"], "a real device has no virtual clock"],
    [
      scenario({ matrix: { "devices.nic0.dirty_rate": [0, 1] } }),
      [],
      "it varies devices.nic0.dirty_rate",
    ],
    [
      scenario({ variants: { plain: {}, busy: { "devices.*.dirty_rate": 1 } } }),
      [],
      "its variant busy sets devices.*.dirty_rate",
    ],
    [scenario(), ["devices.a.dirty_rate=1"], "a real device has no profile"],
    [scenario(), ["devices.nic0.dirty_rate=1"], "a real device has no profile"],
    [scenario(), ["protocol=v1", "policy=qemu-8.1"], "a is a device of protocol v2"],
  ];
  for (const [file, sets, why] of REFUSED) {
    const error = assertThrows(() => play(file, [spec("a")], sets), ScenarioError, why);
    assertEquals(error.message.includes("\n"), false);
  }
  // A variant that sets nothing of devices is played by itself.
  const variants = { plain: {}, busy: { "devices.*.dirty_rate": 1 } };
  assertEquals(play(scenario({ variants }), [spec("a")], ["variant=plain"]).length, 1);
});

Deno.test("several devices need P2P, as with QEMU", () => {
  const two = [spec("a"), spec("b", false)];
  assertThrows(() => play(scenario(), two), ScenarioError, "b has no P2P");
});
