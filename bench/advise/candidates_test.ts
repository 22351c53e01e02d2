import { assert, assertEquals } from "@std/assert";
import { applyOverrides, type Scenario, ScenarioSchema } from "../scenario/mod.ts";
import { candidatesFor } from "./candidates.ts";

function scenarioOf(file: Record<string, unknown>): Scenario {
  return ScenarioSchema.parse({
    name: "t",
    question: "?",
    clock: "virtual",
    devices: [{ id: "nic0", profile: "generic" }],
    ...file,
  });
}

function setsOf(scenario: Scenario): string[] {
  return candidatesFor(scenario, 300).map(({ sets }) => sets.join(" "));
}

Deno.test("every matter that can be set is tried, and nothing that is so already", () => {
  const scenario = scenarioOf({ link: { bandwidth: "10Gbit/s" } });
  const sets = setsOf(scenario);
  for (
    const expected of [
      "downtime_limit_ms=225",
      "downtime_limit_ms=75",
      "avail_switchover_bandwidth=1250MB/s",
      "max_bandwidth=128MiB/s",
      "policy=qemu-8.1",
      "policy=qemu-11.1",
      "switchover_ack=on return_path=on",
      "buffer_size=64KiB",
      "multifd=on channels=4",
    ]
  ) assert(sets.includes(expected), `${expected} in ${sets.join(", ")}`);
  assert(!sets.includes("policy=qemu-9.2") && !sets.includes("buffer_size=1MiB"));
  assert(!sets.some((set) => set.startsWith("reinit")), "no device has new initial data");
});

Deno.test("a setting that is on is tried off", () => {
  const sets = setsOf(scenarioOf({
    params: {
      policy: "qemu-11.1",
      switchover_ack: true,
      multifd: true,
      max_bandwidth: "1GB/s",
      avail_switchover_bandwidth: "2GB/s",
    },
    devices: [{ id: "nic0", profile: "generic", reinit_at_ms: [100], reinit_size: "1MiB" }],
  }));
  for (
    const expected of [
      "switchover_ack=off",
      "multifd=off",
      "max_bandwidth=0",
      "avail_switchover_bandwidth=0",
      "reinit=off",
    ]
  ) assert(sets.includes(expected), expected);
});

Deno.test("without a link's bandwidth it is as fast as the fastest device saves", () => {
  const sets = setsOf(scenarioOf({
    devices: [{ id: "a", profile: "generic", save_rate: "100MB/s" }, { id: "b", profile: "pds" }],
  }));
  assert(sets.includes("avail_switchover_bandwidth=100MB/s"));
});

Deno.test("all that is proposed can be set", () => {
  const scenario = scenarioOf({});
  for (const { sets } of candidatesFor(scenario, 300)) {
    assertEquals(applyOverrides(scenario, sets).name, "t");
  }
});
