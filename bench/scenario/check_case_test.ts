import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { expandCases } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { ScenarioError } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

function expand(params: object, devices: object[] = [{ id: "nic0", profile: "generic" }]): number {
  const file = { name: "tiny", question: "Does anything move at all?", params, devices };
  return expandCases(ScenarioSchema.parse(file)).length;
}

function reasonOf(params: object, devices?: object[]): string {
  return assertThrows(() => expand(params, devices), ScenarioError).message;
}

Deno.test("several devices need P2P, all of them", () => {
  const pair = [
    { id: "nic0", profile: "generic" },
    { id: "zip0", profile: "generic", p2p: false },
  ];
  assertEquals(
    reasonOf({}, pair),
    "Cannot play tiny with 2 devices: zip0 has no P2P, and QEMU blocks the migration of several devices unless all have it; set devices=1 or devices.*.p2p=on",
  );
  assertEquals(
    reasonOf({ p2p: false, devices: 3 }),
    "Cannot play tiny with 3 devices: nic0 has no P2P, and QEMU blocks the migration of several devices unless all have it; set devices=1 or p2p=on",
  );
  assertEquals(expand({ p2p: false }), 1);
  assertEquals(expand({ devices: 1 }, pair), 1);
  assertEquals(expand({ devices: 3 }), 1);
});

Deno.test("switchover-ack needs a way back", () => {
  assertEquals(
    reasonOf({ switchover_ack: true, return_path: false }),
    "Cannot play tiny with switchover_ack and no return_path: the ack comes back on the return path; set return_path=on or switchover_ack=off",
  );
  assertEquals(
    reasonOf({ switchover_ack: true, channel: "file" }),
    "Cannot play tiny with switchover_ack over channel=file: nothing comes back from a file; set switchover_ack=off or another channel",
  );
  assertEquals(expand({ switchover_ack: true }), 1);
  assertEquals(expand({ return_path: false }), 1);
  assertEquals(expand({ channel: "file" }), 1);
});

Deno.test("multifd goes over any channel but a file", () => {
  assertEquals(
    reasonOf({ multifd: true, channel: "file" }),
    "Cannot play tiny with multifd over channel=file: QEMU has multifd to a file only with mapped-ram, which device state excludes; set multifd=off or another channel",
  );
  for (const channel of ["ring", "unix", "tcp"]) {
    assertEquals(expand({ multifd: true, channel }), 1);
  }
});

Deno.test("reinit goes with every policy", () => {
  for (const policy of ["qemu-8.1", "qemu-9.2", "qemu-11.1"]) {
    assertEquals(expand({ reinit: true, policy }), 1);
  }
});

Deno.test("protocol v1 is refused what it does not have, with the reason", () => {
  const messageOf = (...sets: string[]) => {
    const scenario = ScenarioSchema.parse({
      name: "old",
      question: "?",
      params: { protocol: "v1", policy: "qemu-8.1" },
      region: { x_enable_migration: true },
      devices: [{ id: "gpu0", profile: "generic", p2p: false }],
    });
    try {
      expandCases(applyOverrides(scenario, sets));
      return "fine";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  assertEquals(messageOf(), "fine");
  // It has no P2P to ask for.
  assertEquals(messageOf("devices=2"), "fine");
  const refused = {
    "region.x_enable_migration=off": "off unless asked for",
    "policy=qemu-11.1": "QEMU dropped v1 before 8.0",
    "switchover_ack=on": "younger than v1",
    "multifd=on": "needs v2",
    "devices.gpu0.profile=virtio-net": "gpu0 is a device of protocol v2",
    "region.destination_region_size=4KiB": "nothing would be left for data",
  };
  for (const [set, reason] of Object.entries(refused)) {
    assertStringIncludes(messageOf(set), reason);
  }
});
