import { assertEquals, assertThrows } from "@std/assert";
import { caseSettings } from "./case_settings.ts";
import { type Case, expandCases } from "./expand.ts";
import { applyOverrides } from "./overrides.ts";
import { ScenarioError } from "./scenario_error.ts";
import { ScenarioSchema } from "./schema.ts";

const READ = { on: "nic0", side: "source", call: "read", give: "EIO" } as const;
const PENDING = { on: "nic0", side: "source", call: "readRegion", give: "EIO" };
const V1 = { protocol: "v1", policy: "qemu-8.1" };

function casesOf(file: object, sets: string[] = []): Case[] {
  const scenario = ScenarioSchema.parse({
    name: "t",
    question: "?",
    devices: [{ id: "nic0", profile: "generic" }],
    region: { x_enable_migration: true },
    ...file,
  });
  return expandCases(applyOverrides(scenario, sets));
}

function refused(file: object, message: string, sets: string[] = []): void {
  assertThrows(() => casesOf(file, sets), ScenarioError, message);
}

Deno.test("a case has its faults, and is another case than one without", () => {
  const [bare] = casesOf({});
  assertEquals(bare?.faults, []);
  const [eio, none] = casesOf({ variants: { eio: { faults: [READ] }, none: {} } });
  assertEquals(eio?.faults, [{ ...READ, nth: 1, times: 1 }]);
  assertEquals(none?.faults, []);
  assertEquals(eio && caseSettings(eio).faults, JSON.stringify(eio?.faults));
  assertEquals(none && "faults" in caseSettings(none), false);
});

Deno.test("a device that is not there names the nearest; devices that only a case has are there", () => {
  refused(
    { faults: [{ ...READ, on: "nic1" }] },
    "Cannot play t with faults[0].on=nic1: there is no such device; did you mean nic0?",
  );
  assertEquals(casesOf({ faults: [{ ...READ, on: "nic0-2" }] }, ["devices=2"]).length, 1);
});

Deno.test("a device that faults cannot name is refused only with faults", () => {
  const file = { devices: [{ id: "host", profile: "generic" }] };
  assertEquals(casesOf(file).length, 1);
  refused({ ...file, faults: [{ on: "channel", give: "drop" }] }, "a device called host");
});

Deno.test("channels of multifd are there only with it, and as many as it has", () => {
  const file = { faults: [{ on: "channel2", give: "drop" }] };
  refused(file, "without multifd there is only the main channel");
  refused(file, "multifd has 1 here; take channel1", ["multifd=on"]);
  assertEquals(casesOf(file, ["multifd=on", "channels=2"]).length, 1);
});

Deno.test("each protocol has its own calls", () => {
  refused({ faults: [PENDING] }, "a device of protocol v2 has no such call");
  refused({ params: V1, faults: [READ] }, "a device of protocol v1 has no such call");
  assertEquals(casesOf({ params: V1, faults: [PENDING] }).length, 1);
});

Deno.test("data that is mapped is moved without a call", () => {
  const file = { params: V1, faults: [{ ...PENDING, call: "readData" }] };
  refused(file, "set region.mapped=off");
  assertEquals(casesOf(file, ["region.mapped=off"]).length, 1);
  const map = { params: V1, faults: [{ ...PENDING, call: "map" }] };
  refused(map, "set region.mapped=on", ["region.mapped=off"]);
});

Deno.test("lies are told by who can tell them", () => {
  const lie = (name: string) => ({ faults: [{ on: "nic0", give: "lie", lie: name }] });
  refused(lie("precopy-zero"), "nic0 has no PRE_COPY to lie about", ["precopy=off"]);
  refused({ ...lie("precopy-zero"), params: V1 }, "a device of protocol v1 has nothing");
  refused(lie("bytes-changed"), "no bytes move on the virtual clock", ["clock=virtual"]);
  assertEquals(casesOf(lie("bytes-changed")).length, 1);
  const state = { on: "nic0", give: "lie", lie: "state-unchanged", state: "STOP" };
  refused({ faults: [state], params: V1 }, "protocol v1 has other states");
});

Deno.test("of a real device only what is read can fail, and it cannot go away", () => {
  const [one] = casesOf({});
  if (one === undefined) throw new TypeError("Cannot test no case");
  const real = {
    id: "nic0",
    kind: "kernel",
    device: "vfio0",
    to: "null",
    driver: "mtty",
    precopy: true,
    p2p: true,
    state_size: 1,
  } as const;
  const play = (fault: object) => {
    const scenario = ScenarioSchema.parse({
      name: "t",
      question: "?",
      devices: [{ id: "nic0", profile: "generic" }],
      faults: [fault],
    });
    return expandCases({ ...scenario, devices: [real] });
  };
  assertEquals(play(READ).length, 1);
  assertEquals(play({ on: "nic0", give: "lie", lie: "size-too-small" }).length, 1);
  const refusedPlay = (fault: object, why: string) =>
    assertThrows(() => play(fault), ScenarioError, why);
  refusedPlay({ ...READ, call: "reset" }, "only what is read of it can be made to fail");
  refusedPlay({ ...READ, give: "ENODEV" }, "could not be brought back");
  refusedPlay({ on: "nic0", give: "lie", lie: "surplus-at-end" }, "what is not its state");
});

Deno.test("faults cannot be set on the command line, and the message says where they can be", () => {
  refused({}, "they are for a scenario file and its variants", ["faults=none"]);
});
