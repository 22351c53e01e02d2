import { assertEquals } from "@std/assert";
import type { FaultPlan } from "./fault.ts";
import { carryHostFaults } from "./host_faults.ts";

const PLAN: FaultPlan = [
  { on: "channel", give: "drop", byte: 0 },
  { on: "host", side: "destination", give: "ENOMEM" },
];

Deno.test("a host without memory has none for any of its devices, and each fault knows its origin", () => {
  const { plan, origin } = carryHostFaults(PLAN, ["nic0", "nic1"], "v2");
  assertEquals(plan.slice(0, 2), PLAN);
  assertEquals(plan.slice(2), [
    { on: "nic0", side: "destination", call: "write", give: "ENOMEM", nth: 1, times: "ever" },
    { on: "nic1", side: "destination", call: "write", give: "ENOMEM", nth: 1, times: "ever" },
  ]);
  assertEquals(origin, [0, 1, 1, 1]);
});

Deno.test("the call is the one that the side and the protocol have", () => {
  const callOf = (side: "source" | "destination", protocol: "v1" | "v2") => {
    const { plan } = carryHostFaults([{ on: "host", side, give: "ENOMEM" }], ["nic0"], protocol);
    const [, added] = plan;
    return added !== undefined && "call" in added ? added.call : null;
  };
  assertEquals([callOf("source", "v2"), callOf("source", "v1"), callOf("destination", "v1")], [
    "setState",
    "writeRegion",
    "writeRegion",
  ]);
});

Deno.test("a plan without such a host is as it was", () => {
  const { plan, origin } = carryHostFaults(PLAN.slice(0, 1), ["nic0"], "v2");
  assertEquals([plan, origin], [PLAN.slice(0, 1), [0]]);
});
