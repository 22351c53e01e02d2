import { assertEquals, assertThrows } from "@std/assert";
import { caseSettings, type DeviceSpec, ScenarioError } from "../scenario/mod.ts";
import { plainText } from "./plain_text.ts";
import { NIC, onlyCase } from "./testdata/parts.ts";
import { caseOfWire, WireCaseSchema, wireOfCase } from "./wire_case.ts";

/** There and back as JSON, as over the wire. */
function travel(one: Parameters<typeof wireOfCase>[0], realDevices: string[] = []) {
  return caseOfWire(WireCaseSchema.parse(JSON.parse(JSON.stringify(wireOfCase(one)))), realDevices);
}

const KERNEL: DeviceSpec = {
  id: "vfio0",
  kind: "kernel",
  device: "/dev/vfio/devices/vfio0",
  to: "the listener's",
  driver: "mlx5_vfio_pci",
  precopy: true,
  p2p: true,
  state_size: 4096,
};

Deno.test("a case arrives as it was, without what only its own machine knows", () => {
  const one = onlyCase({
    params: { channel: "tcp", multifd: true, channels: 3, policy: "qemu-11.1" },
    devices: [NIC, { ...NIC, id: "nic1", profile: "mlx5" }],
    ram: { size: "8MiB" },
  });
  const there = travel(one);
  assertEquals(there.params, one.params);
  assertEquals(there.ram, one.ram);
  assertEquals(caseSettings(there), caseSettings(one));
  assertEquals(there.varies, {});
});

Deno.test("what one process alone can play is not sent", () => {
  for (
    const [one, why] of [
      [onlyCase({ clock: "virtual" }), "no bytes move on the virtual clock"],
      [onlyCase({ params: { channel: "ring" } }), "channel=ring is of one process"],
      [onlyCase({ params: { channel: "file" } }), "channel=file is of one process"],
      [onlyCase({ devices: [{ id: "dev0", capture: "x.jsonl" }] }), "dev0 is a recording"],
      [
        onlyCase({ faults: [{ on: "nic0", side: "source", call: "read", nth: 1, give: "EIO" }] }),
        "faults are injected where both sides are in one process",
      ],
    ] as const
  ) assertThrows(() => wireOfCase(one), ScenarioError, why);
});

Deno.test("real devices are this side's own, one for each, and none can be named by the peer", () => {
  const one = { ...onlyCase(), devices: [KERNEL] };
  const wire = wireOfCase(one);
  assertEquals(JSON.stringify(wire).includes("/dev/vfio"), false);
  assertEquals(caseOfWire(wire, ["vfio7"]).devices[0], { ...KERNEL, device: "", to: "vfio7" });
  assertThrows(() => caseOfWire(wire, []), ScenarioError, "listen with --device DEV for each");
  for (const named of [{ device: "/dev/vfio/devices/vfio0" }, { to: "file:/etc/passwd" }]) {
    const devices = [{ ...KERNEL, device: "", to: "", ...named }];
    const hostile = { ...wire, definition: { ...wire.definition, devices } };
    assertThrows(() => caseOfWire(hostile, ["vfio7"]), ScenarioError, "for this machine to say");
  }
});

Deno.test("files are not taken from a peer", () => {
  const wire = wireOfCase(onlyCase());
  for (const capture of ["../../../../etc/passwd", "/etc/passwd", "x.jsonl"]) {
    const device = {
      id: "dev0",
      kind: "replayed",
      capture,
      replay_timing: "none",
      replay_speed: 1,
    };
    const hostile = { ...wire, definition: { ...wire.definition, devices: [device] } };
    assertThrows(() => caseOfWire(hostile, []), ScenarioError, "files are not taken from a peer");
  }
});

Deno.test("what is no case is refused in one line", () => {
  const wire = wireOfCase(onlyCase());
  const [device] = Array.isArray(wire.definition.devices) ? wire.definition.devices : [];
  const proto: Record<string, unknown> = JSON.parse('{"__proto__":{"state_size":1}}');
  for (
    const [params, definition] of [
      [{ buffer_size: -1 }, {}],
      [{ buffer_size: 1e300 }, {}],
      [{ no_such: 1 }, {}],
      [{ channels: 65 }, {}],
      [{}, { devices: [] }],
      [{}, { devices: "x".repeat(1000) }],
      [{}, { devices: [{ ...device, id: "a\nb" }] }],
      [{}, { devices: [{ ...device, id: "" }] }],
      [{}, { devices: [{ ...device, kind: "virtual" }] }],
      [{ devices: 2 }, { devices: [device, device] }],
      [{ devices: 2 }, {}],
      [{}, { ram: { size: -5 } }],
      [{}, { no_such: 1 }],
      [proto, {}],
      [{}, { devices: [{ ...device, profile: proto }] }],
    ] as const
  ) {
    const hostile = {
      ...wire,
      params: { ...wire.params, ...params },
      definition: { ...wire.definition, ...definition },
    };
    const error = assertThrows(() => caseOfWire(hostile, []), ScenarioError);
    assertEquals(plainText(error.message, 10_000), error.message);
  }
});
