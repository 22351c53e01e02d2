import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Case, expandCases, MAX_CASES } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { ScenarioError } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

const TINY = {
  name: "tiny",
  question: "Does anything move at all?",
  devices: [{ id: "nic0", profile: "generic" }],
};

function expand(changes: object): Case[] {
  return expandCases(ScenarioSchema.parse({ ...TINY, ...changes }));
}

function ids(changes: object): string[] {
  return expand(changes).flatMap(({ devices }) => devices.map(({ id }) => id));
}

Deno.test("every combination is a case, and the last key varies fastest", () => {
  const cases = expand({
    matrix: { buffer_size: ["1MiB", "4KiB"], channel: ["ring", "unix", "tcp"] },
  });
  assertEquals(cases.map(({ label }) => label), [
    "buffer_size=1MiB channel=ring",
    "buffer_size=1MiB channel=unix",
    "buffer_size=1MiB channel=tcp",
    "buffer_size=4KiB channel=ring",
    "buffer_size=4KiB channel=unix",
    "buffer_size=4KiB channel=tcp",
  ]);
  assertEquals(cases.map(({ index }) => index), [0, 1, 2, 3, 4, 5]);
  assertEquals(cases[5]?.varies, { buffer_size: 4096, channel: "tcp" });
  assertEquals([cases[5]?.params.buffer_size, cases[5]?.params.channel], [4096, "tcp"]);
});

Deno.test("a scenario without a matrix is one case without a label", () => {
  const [one, ...others] = expand({ trials: 3, warmup: 2, seed: 9, ram: { size: "1GiB" } });
  assertEquals(others, []);
  assertEquals([one?.scenario, one?.label, one?.varies], ["tiny", "", {}]);
  assertEquals([one?.trials, one?.warmup, one?.seed, one?.clock], [3, 2, 9, "wall"]);
  assertEquals([one?.ram.size, one?.link.bandwidth], [2 ** 30, 0]);
});

Deno.test("what has one value is set but does not vary", () => {
  const [one] = expand({ matrix: { buffer_size: ["4KiB"], reinit: [false, true] } });
  assertEquals(one?.label, "reinit=off");
  assertEquals(one?.varies, { reinit: false });
  assertEquals(one?.params.buffer_size, 4096);
});

Deno.test("anything that can be set can vary", () => {
  const cases = expand({
    matrix: {
      clock: ["virtual", "wall"],
      "devices.*.dirty_rate": [0, "16MiB/s"],
      "link.latency_us": ["50us"],
    },
  });
  assertEquals(cases.map(({ label }) => label), [
    "clock=virtual devices.*.dirty_rate=0",
    "clock=virtual devices.*.dirty_rate=16MiB/s",
    "clock=wall devices.*.dirty_rate=0",
    "clock=wall devices.*.dirty_rate=16MiB/s",
  ]);
  const [, second] = cases;
  const [device] = second?.devices ?? [];
  assertEquals(device?.kind === "simulated" && device.profile.dirty_rate, 16_777_216);
  assertEquals([second?.clock, second?.link.latency_us], ["virtual", 50]);
});

Deno.test("devices are the first ones, or the list again and again", () => {
  const devices = ["nic0", "nic1"].map((id) => ({ id, profile: "generic" }));
  assertEquals(ids({ devices }), ["nic0", "nic1"]);
  assertEquals(ids({ devices, params: { devices: 1 } }), ["nic0"]);
  assertEquals(ids({ devices, params: { devices: 5 } }), [
    "nic0",
    "nic1",
    "nic0-2",
    "nic1-2",
    "nic0-3",
  ]);
  assertEquals(expand({ devices, params: { devices: 5 } })[0]?.params.devices, 5);
  assertEquals(expand({ devices })[0]?.params.devices, 2);
});

Deno.test("ids are unique whatever the list and the count", () => {
  const list = fc.uniqueArray(fc.constantFrom("a", "a-2", "a-3", "b", "a-2-2"), { minLength: 1 });
  fc.assert(fc.property(list, fc.integer({ min: 1, max: 64 }), (names, count) => {
    const devices = names.map((id) => ({ id, profile: "generic" }));
    const all = ids({ devices, params: { devices: count } });
    assertEquals([all.length, new Set(all).size], [count, count]);
  }));
});

Deno.test("precopy and p2p take their states from every simulated device and give none", () => {
  const devices = [{ id: "nic0", profile: "generic", precopy: false }];
  const flags = expand({ devices, matrix: { precopy: [true, false], p2p: [true, false] } })
    .flatMap((one) =>
      one.devices.map((device) =>
        device.kind === "simulated" && [device.profile.precopy, device.profile.p2p]
      )
    );
  assertEquals(flags, [[false, true], [false, false], [false, true], [false, false]]);
  const [off] = expand({ params: { precopy: false } });
  assertEquals(off?.devices[0]?.kind === "simulated" && off.devices[0].profile.precopy, false);
});

Deno.test("the cases of a matrix are all there, each once, whatever the matrix", () => {
  const values = {
    channels: fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 4 }),
    seed: fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 4 }),
    reinit: fc.constantFrom([true], [false, true]),
  };
  fc.assert(fc.property(fc.record(values, { requiredKeys: [] }), (matrix) => {
    const cases = expand({ matrix });
    const count = Object.values(matrix).reduce((product, list) => product * list.length, 1);
    assertEquals(cases.length, count);
    const points = cases.map(({ varies, params, seed }) => JSON.stringify([varies, params, seed]));
    assertEquals(new Set(points).size, count);
    const first = Object.entries(matrix).map(([key, list]) => [key, list[0]]);
    for (const [key, value] of first) {
      const at = { ...cases[0]?.params, seed: cases[0]?.seed };
      assertEquals(Reflect.get(at, String(key)), value);
    }
  }));
});

Deno.test("there is an end to the number of cases", () => {
  const seeds = (count: number) => Array.from({ length: count }, (_, index) => index);
  assertEquals(expand({ matrix: { seed: seeds(MAX_CASES) } }).length, MAX_CASES);
  const error = assertThrows(
    () => expand({ matrix: { seed: seeds(2049), precopy: [true, false] } }),
    ScenarioError,
  );
  assertEquals(
    error.message,
    "Cannot expand tiny into 4098 cases: 4096 are the most, take keys or values out of its matrix",
  );
});

Deno.test("an override that makes a case impossible is told when it is expanded", () => {
  const scenario = applyOverrides(ScenarioSchema.parse(TINY), ["switchover_ack=on"], [
    "return_path=on,off",
  ]);
  assertEquals(
    assertThrows(() => expandCases(scenario), ScenarioError).message,
    "Cannot play tiny (return_path=off) with switchover_ack and no return_path: the ack comes back on the return path; set return_path=on or switchover_ack=off",
  );
});
