import { assertEquals, assertThrows } from "@std/assert";
import { expandCases } from "./expand.ts";
import { applyOverrides, paramFlag, parseSweeps } from "./overrides.ts";
import { PARAM_NAMES } from "./params.ts";
import { ScenarioError } from "./scenario_error.ts";
import { type Scenario, ScenarioSchema } from "./schema.ts";

const PAIR = ScenarioSchema.parse({
  name: "pair",
  question: "What do two devices do?",
  matrix: { buffer_size: ["4KiB", "8KiB"], channel: ["ring", "tcp"] },
  devices: [
    { id: "nic0", profile: "generic" },
    { id: "0000:00:05.0", profile: "generic" },
    { id: "old", capture: "a.jsonl" },
  ],
});

function messageOf(sets: string[], sweeps: string[] = [], scenario = PAIR): string {
  return assertThrows(() => applyOverrides(scenario, sets, sweeps), ScenarioError).message;
}

function dirtyRates({ devices }: Scenario): (number | undefined)[] {
  return devices.map((device) =>
    device.kind === "simulated" ? device.profile.dirty_rate : undefined
  );
}

Deno.test("any key can be set, in the units of a file", () => {
  const { params, trials, warmup, seed, clock, ram, link } = applyOverrides(PAIR, [
    "buffer_size=64KiB",
    "precopy=off",
    "p2p=true",
    "downtime_limit_ms=2s",
    "max_bandwidth=100Gbit/s",
    "devices=2",
    "trials=20",
    "warmup=0",
    "seed=7",
    "clock=virtual",
    "ram.size=1GiB",
    "link.bandwidth=12.5GB/s",
    "link.latency_us=1ms",
  ]);
  assertEquals(params.buffer_size, 65_536);
  assertEquals([params.precopy, params.p2p, params.devices], [false, true, 2]);
  assertEquals([params.downtime_limit_ms, params.max_bandwidth], [2000, 12_500_000_000]);
  assertEquals([trials, warmup, seed, clock], [20, 0, 7, "virtual"]);
  assertEquals([ram.size, link.bandwidth, link.latency_us], [2 ** 30, 12_500_000_000, 1000]);
});

Deno.test("a device is set by its id, which may have dots, and * is every simulated one", () => {
  assertEquals(
    dirtyRates(applyOverrides(PAIR, ["devices.0000:00:05.0.dirty_rate=1MiB/s"])),
    [0, 1_048_576, undefined],
  );
  assertEquals(
    dirtyRates(applyOverrides(PAIR, ["devices.*.dirty_rate=2kB/s", "devices.nic0.dirty_rate=1"])),
    [1, 2000, undefined],
  );
});

Deno.test("the scenario that is overridden stays what it was", () => {
  const before = structuredClone(PAIR);
  applyOverrides(PAIR, ["devices.*.state_size=1", "seed=2", "channel=unix"], ["trials=1,2"]);
  assertEquals(PAIR, before);
});

Deno.test("what is set is no longer in the matrix, and the last of two holds", () => {
  const { params, matrix } = applyOverrides(PAIR, ["channel=tcp", "channel=unix"]);
  assertEquals(params.channel, "unix");
  assertEquals(matrix, { buffer_size: [4096, 8192] });
});

Deno.test("a sweep replaces in its place or comes last", () => {
  const { matrix } = applyOverrides(PAIR, [], [
    "policy=qemu-8.1,qemu-11.1",
    "buffer_size=1MiB, 64KiB",
  ]);
  assertEquals(Object.entries(matrix), [
    ["buffer_size", [1_048_576, 65_536]],
    ["channel", ["ring", "tcp"]],
    ["policy", ["qemu-8.1", "qemu-11.1"]],
  ]);
});

Deno.test("all devices set or swept take the place of one that varies", () => {
  const one = applyOverrides(PAIR, [], ["devices.nic0.dirty_rate=1,2"]);
  const set = applyOverrides(one, ["devices.*.dirty_rate=3"]);
  assertEquals(Object.keys(set.matrix), ["buffer_size", "channel"]);
  assertEquals(dirtyRates(set), [3, 3, undefined]);
  const swept = applyOverrides(one, [], ["devices.*.dirty_rate=3,4"]);
  assertEquals(swept.matrix["devices.*.dirty_rate"], [3, 4]);
  assertEquals(swept.matrix["devices.nic0.dirty_rate"], undefined);
});

Deno.test("one device cannot be set while all vary, but after all are set", () => {
  const all = applyOverrides(PAIR, [], ["devices.*.dirty_rate=1,2"]);
  assertEquals(
    messageOf(["devices.nic0.dirty_rate=3"], [], all),
    "Cannot set devices.nic0.dirty_rate: the matrix varies devices.*.dirty_rate, which is more than that; set devices.*.dirty_rate first",
  );
  const both = applyOverrides(all, ["devices.*.dirty_rate=1", "devices.nic0.dirty_rate=3"]);
  assertEquals(dirtyRates(both), [3, 1, undefined]);
});

Deno.test("a set that a sweep would undo is refused", () => {
  assertEquals(
    messageOf(["channel=ring"], ["channel=ring,unix"]),
    "Cannot set channel and sweep channel: the sweep would undo it, take one of them away",
  );
  assertEquals(
    messageOf(["devices.nic0.p2p=off"], ["devices.*.p2p=on,off"]),
    "Cannot set devices.nic0.p2p and sweep devices.*.p2p: the sweep would undo it, take one of them away",
  );
});

Deno.test("sweeps are parsed in order, and the last of two holds", () => {
  assertEquals(
    [...parseSweeps(["buffer_size=64KiB,1MiB", "channel=ring, unix", "buffer_size=4KiB"])],
    [["buffer_size", ["4KiB"]], ["channel", ["ring", "unix"]]],
  );
});

Deno.test("a wrong override is one line that names key, value and what is expected", () => {
  const lines: [string[], string[], string][] = [
    [
      ["bufer_size=1MiB"],
      [],
      "Cannot set bufer_size: no such key, did you mean buffer_size?",
    ],
    [
      ["devices.nic1.dirty_rate=1"],
      [],
      "Cannot set devices.nic1.dirty_rate: no such key, did you mean devices.nic0.dirty_rate?",
    ],
    [
      ["buffer_size"],
      [],
      'Cannot set "buffer_size": expected key=value, such as buffer_size=64KiB',
    ],
    [
      ["buffer_size=1MiB/s"],
      [],
      'Cannot set buffer_size: received "1MiB/s", expected a size from 4KiB to 64MiB in steps of 4KiB, such as "1MiB"',
    ],
    [
      ["ram.dirty_rate=5ms"],
      [],
      'Cannot set ram.dirty_rate: received "5ms", expected a rate of 0 or more, such as "128MiB/s"',
    ],
    [["precopy=maybe"], [], 'Cannot set precopy: received "maybe", expected true or false'],
    [["clock="], [], 'Cannot set clock: received "", expected wall or virtual'],
    [
      [],
      ["=1,2"],
      'Cannot sweep "=1,2": expected key=value,value, such as buffer_size=64KiB,1MiB',
    ],
    [[], ["chanel=ring"], "Cannot sweep chanel: no such key, did you mean channel?"],
    [
      [],
      ["channel=ring,rong"],
      'Cannot sweep channel: received "rong", expected ring, unix, tcp or file',
    ],
    [[], ["channel="], 'Cannot sweep channel: received "", expected at least one value'],
    [
      [],
      ["buffer_size=4KiB,4096"],
      'Cannot sweep buffer_size: received "4096", expected each value once: 4KiB is there already',
    ],
    [
      [],
      ["devices.nic0.reinit_at_ms=1,2"],
      'Cannot sweep devices.nic0.reinit_at_ms: received "1,2", expected a key that has one value: a list cannot vary',
    ],
  ];
  for (const [sets, sweeps, line] of lines) assertEquals(messageOf(sets, sweeps), line);
});

Deno.test("a replayed device has nothing to set", () => {
  assertEquals(
    messageOf(["devices.old.p2p=on"]),
    "Cannot set devices.old.p2p: no such key, did you mean devices.*.p2p?",
  );
});

Deno.test("every case's label sets the very case that it labels", () => {
  for (const one of expandCases(applyOverrides(PAIR, ["devices=2"], ["link.latency_us=5,50us"]))) {
    const [again, ...others] = expandCases(
      applyOverrides(PAIR, ["devices=2", ...one.label.split(" ")]),
    );
    assertEquals(others, []);
    assertEquals([again?.params, again?.link], [one.params, one.link]);
  }
});

Deno.test("a flag stands for the parameter of its name", () => {
  assertEquals(paramFlag("--buffer-size"), "buffer_size");
  assertEquals(paramFlag("--trials"), "trials");
  assertEquals(PARAM_NAMES.map((name) => paramFlag(`--${name.replaceAll("_", "-")}`)), [
    ...PARAM_NAMES,
  ]);
  for (const flag of ["--buffer_size", "buffer-size", "--bufer-size", "--ram.size", "--"]) {
    assertEquals(paramFlag(flag), undefined, flag);
  }
});
