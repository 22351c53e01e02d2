import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LIE_NAMES, lieOf } from "../../core/fault/mod.ts";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import type { TrialRecord } from "./record.ts";
import { runVirtualTrial } from "./virtual_trial.ts";
import { runWallTrial } from "./wall_trial.ts";

const PLACE = { caseNumber: 0, trial: 0, seed: 1 };
const never = new AbortController().signal;
const NIC = { id: "nic0", profile: "generic", state_size: "3MiB", initial_fraction: 0.5 };
const READ_EIO = { on: "nic0", side: "source", call: "read", byte: "1MiB", give: "EIO" };

/** Keys of a scenario file. */
interface Setup {
  readonly params?: object;
  readonly [key: string]: unknown;
}

function onlyCase({ params, ...file }: Setup): Case {
  const scenario = ScenarioSchema.parse({
    name: "t",
    question: "?",
    devices: [NIC],
    region: { x_enable_migration: true },
    // Few passes where nothing comes of them.
    host: { pass_us: 50 },
    // The decision is not to hang on what a busy machine measures.
    params: { avail_switchover_bandwidth: "1GiB/s", ...params },
    ...file,
  });
  const [one] = expandCases(scenario);
  assert(one !== undefined);
  return one;
}

function virtual(file: Setup): TrialRecord {
  return runVirtualTrial(onlyCase({ clock: "virtual", ...file }), PLACE).record;
}

async function wall(file: Setup): Promise<TrialRecord> {
  return (await runWallTrial(onlyCase(file), PLACE, never)).record;
}

/** It completed and is verified, or failed and says why. */
function holds({ outcome, error, state_verified, metrics }: TrialRecord, what: string): void {
  if (outcome === "completed") {
    assertEquals([error, state_verified], [null, true], what);
    return;
  }
  assert(error !== null && error.message !== "", what);
  assertEquals(metrics, {}, what);
}

Deno.test("a trial says what was injected, when, and where in the plan", () => {
  const { error, injected } = virtual({
    params: { buffer_size: "256KiB" },
    faults: [READ_EIO, { on: "nic0", side: "destination", call: "write", nth: 999, give: "EIO" }],
  });
  const { device, phase, call, errno } = error ?? {};
  assertEquals([device, phase, call, errno], ["nic0", "precopy", "read", "EIO"]);
  const [first, second] = injected ?? [];
  assertEquals([first?.fault, first?.times, first?.nth], [0, 1, 5]);
  assertEquals(first?.what, "read of nic0 at the source gives EIO");
  assert((first?.at_ms ?? -1) >= 0);
  assertEquals(second, {
    fault: 1,
    what: "write of nic0 at the destination gives EIO",
    times: 0,
  });
});

Deno.test("a trial without faults says nothing of them", () => {
  assertEquals("injected" in virtual({}), false);
});

Deno.test("the virtual clock gives the same record of the same faults, to the byte", () => {
  const file = {
    faults: [{ on: "nic0", side: "source", call: "read", chance: 0.2, give: "EINTR" }],
  };
  assertEquals(JSON.stringify(virtual(file)), JSON.stringify(virtual(file)));
});

Deno.test("every lie that a virtio-net VF or a device of protocol v1 can tell", () => {
  const virtio = { devices: [{ id: "nic0", profile: "virtio-net" }] };
  const v1 = { params: { protocol: "v1", policy: "qemu-8.1", max_time_ms: 500 } };
  for (const name of LIE_NAMES) {
    const { sides, v1: canV1, bytes = false } = lieOf(name);
    if (bytes) continue;
    for (const side of sides) {
      const faults = [{ on: "nic0", side, give: "lie", lie: name }];
      holds(virtual({ ...virtio, params: { max_time_ms: 500 }, faults }), `virtio ${side} ${name}`);
      if (canV1) holds(virtual({ ...v1, faults }), `v1 ${side} ${name}`);
    }
  }
});

Deno.test("every call of protocol v1 that fails", () => {
  const calls = {
    source: ["readRegion", "writeRegion", "readData", "dirtyPages", "reset"],
    destination: ["readRegion", "writeRegion", "writeData", "reset"],
  };
  const params = { protocol: "v1", policy: "qemu-8.1", max_time_ms: 500 };
  const region = { x_enable_migration: true, mapped: false };
  for (const [side, names] of Object.entries(calls)) {
    for (const call of names) {
      for (const nth of [1, 2, 3, 5, 9]) {
        for (const give of ["EIO", "ENODEV"]) {
          const faults = [{ on: "nic0", side, call, nth, give }];
          const record = virtual({ params, region, faults });
          holds(record, `${side} ${call} ${nth} ${give}`);
          const struck = (record.injected?.[0]?.times ?? 0) > 0;
          if (struck && call !== "dirtyPages" && call !== "reset") {
            assertEquals(record.outcome, "failed", `${side} ${call} ${nth} ${give}`);
          }
        }
      }
    }
  }
});

Deno.test("on the wall clock: what it has to bear it bears", async () => {
  const { error, state_verified, injected } = await wall({
    params: { buffer_size: "64KiB" },
    faults: [
      { on: "nic0", side: "source", call: "read", nth: 5, give: "EINTR", times: 3 },
      { on: "nic0", side: "source", call: "read", nth: 9, give: "short", bytes: "512B", times: 2 },
      {
        on: "nic0",
        side: "destination",
        call: "write",
        nth: 2,
        give: "short",
        bytes: "1KiB",
        times: 5,
      },
      { on: "nic0", side: "destination", call: "write", nth: 3, give: "EINTR" },
      { on: "nic0", side: "destination", call: "write", nth: 9, give: "slow", delay_ms: 20 },
    ],
  });
  assertEquals([error, state_verified], [null, true]);
  assertEquals(injected?.map(({ times }) => times), [3, 2, 5, 1, 1]);
});

const FAILING: readonly (readonly [fault: object, message: string])[] = [
  [READ_EIO, "Cannot read of nic0 in precopy: read gave EIO"],
  [
    { on: "nic0", side: "source", call: "setState", state: "STOP_COPY", give: "ENODEV" },
    "nic0 is left in ERROR",
  ],
  [
    { on: "nic0", side: "destination", call: "setState", state: "RESUMING", give: "ENOMEM" },
    "Cannot move to RESUMING of nic0 in load: SET MIG_DEVICE_STATE gave ENOMEM",
  ],
  [
    { on: "nic0", side: "destination", call: "write", byte: "2MiB", give: "ENOSPC" },
    "Cannot write of nic0 in load: write gave ENOSPC",
  ],
  [{ on: "nic0", give: "lie", lie: "size-zero" }, "it says that it has 0 bytes to save"],
  [{ on: "nic0", give: "lie", lie: "ends-early" }, "of nic0 in resume"],
  [{ on: "nic0", give: "lie", lie: "bytes-changed" }, "nic0"],
  [
    { on: "nic0", side: "destination", give: "lie", lie: "state-unchanged", state: "RUNNING" },
    "gave success and left it in",
  ],
];

for (const channel of ["ring", "unix"]) {
  Deno.test(`on the wall clock over ${channel}: what it fails with names device, phase and call`, async () => {
    for (const [fault, message] of FAILING) {
      const record = await wall({ params: { channel, buffer_size: "64KiB" }, faults: [fault] });
      assertEquals([record.outcome, record.state_verified], ["failed", false], message);
      assertStringIncludes(record.error?.message ?? "", message);
      assertEquals(record.injected?.every(({ times }) => times > 0), true, message);
    }
  });
}

Deno.test("over multifd on the wall clock faults go with the device to its own thread", async () => {
  const params = { channel: "unix", multifd: true, channels: 2, buffer_size: "64KiB" };
  const late = { on: "nic0", side: "source", call: "read", byte: "2MiB", give: "EIO" };
  const failed = await wall({ params, faults: [late] });
  assertStringIncludes(failed.error?.message ?? "", "Cannot read of nic0 in stop-copy");
  assertEquals(failed.injected?.map(({ times }) => times), [1]);
  const borne = await wall({
    params,
    faults: [
      { ...late, give: "EINTR", times: 2 },
      { on: "nic0", side: "destination", call: "write", byte: "2MiB", give: "EINTR", times: 2 },
    ],
  });
  assertEquals([borne.error, borne.state_verified], [null, true]);
  assertEquals(borne.injected?.map(({ times }) => times), [2, 2]);
});
