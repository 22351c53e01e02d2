/**
 * Whatever goes wrong with a device: the migration completes with the whole state, or it fails in words that say
 * which device, and the source's devices run again or the failure says what keeps them from it.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Clock } from "../clock/mod.ts";
import { type Device, SimulatedDevice } from "../device/mod.ts";
import { injectionsOf, withFaults } from "../device/faulty/mod.ts";
import { isRegionDevice } from "../device/region/mod.ts";
import { loadedWhole } from "../device/simulated/state_loader.ts";
import {
  type Fault,
  FAULT_ERRNOS,
  type FaultCall,
  faultText,
  LIE_NAMES,
  lieOf,
  MOVING_CALLS,
  SIDES_OF_CALL,
} from "../fault/mod.ts";
import { DEVICE_STATES, deviceStateName } from "../vfio/mod.ts";
import type { PolicyName } from "./mod.ts";
import { MIB, playVirtual, type VirtualSetup } from "./testdata/virtual_setup.ts";

const POLICY_NAMES: readonly PolicyName[] = ["qemu-8.1", "qemu-9.2", "qemu-11.1"];

/** What a migration with these faults must have come to. */
function holds(plan: readonly Fault[], setup: Partial<VirtualSetup>, seed = 1): string {
  const destinations: SimulatedDevice[] = [];
  const faulty: Device[] = [];
  const wrap = (side: "source" | "destination") => (device: Device, clock: Clock) => {
    if (side === "destination" && device instanceof SimulatedDevice) destinations.push(device);
    const wrapped = withFaults(device, plan, side, seed, clock);
    assert(!isRegionDevice(wrapped));
    faulty.push(wrapped);
    return wrapped;
  };
  const { source, destination } = playVirtual({
    profiles: [{ state_size: 3 * MIB, initial_fraction: 0.5, dirty_rate: 20e6, chunk_size: 65536 }],
    bulk: false,
    // Few passes where nothing comes of them.
    costs: { passNs: 50_000 },
    ...setup,
    options: { bufferSize: 256 * 1024, maxTimeMs: 400, ...setup.options },
    wrapSource: wrap("source"),
    wrapDestination: wrap("destination"),
  });
  const what = `${plan.map(faultText).join("; ")} in ${JSON.stringify(setup)}`;
  const failure = destination.failure ?? source.failure ?? destination.refusals[0] ?? null;
  if (failure === null) {
    assert(destinations.every(({ loader }) => loadedWhole(loader)), `verified: ${what}`);
    assert(destinations.every((one) => deviceStateName(one.getState()) === "RUNNING"), what);
  } else {
    assert(failure.message.startsWith("Cannot ") || failure.device === null, failure.message);
  }
  if (source.failure !== null) {
    for (const { id, leftIn } of source.devices) {
      const isTold = source.failure.message.includes(`${id} is left in ${leftIn}`);
      assert(leftIn === "RUNNING" || isTold, `${id} in ${leftIn}: ${what}`);
    }
  }
  // A fault that keeps the state from arriving is the reason that is given, and not its consequence.
  const struck = injectionsOf(faulty).map(({ fault }) => plan[fault]);
  if (struck.length === 0) assertEquals(failure?.device ?? null, null, what);
  return failure === null ? "completed" : failure.message;
}

const SETUPS: readonly Partial<VirtualSetup>[] = POLICY_NAMES.flatMap((policy) => [
  { policy },
  { policy, options: { switchoverAck: true } },
  { policy, multifd: { channels: 2, maxQueuedBytes: 0 } },
  { policy, profiles: [{ state_size: 3 * MIB, precopy: false }] },
]);

Deno.test("every lie, in every generation, with acks, multifd and without PRE_COPY", () => {
  for (const lie of LIE_NAMES) {
    for (const side of lieOf(lie).sides) {
      for (const setup of SETUPS) holds([{ on: "nic0", side, give: "lie", lie }], setup);
    }
  }
});

Deno.test("a lie about one state is found out, whichever it is", () => {
  for (const state of DEVICE_STATES.map(deviceStateName)) {
    for (const side of ["source", "destination"] as const) {
      const plan = [{ on: "nic0", side, give: "lie", lie: "state-unchanged", state }] as const;
      for (const setup of SETUPS) holds(plan, setup);
    }
  }
});

const call: fc.Arbitrary<FaultCall> = fc.constantFrom(
  "read",
  "write",
  "setState",
  "getPrecopyInfo",
  "getDataSize",
  "setPrecopyInfoV2",
  "reset",
);

const fault: fc.Arbitrary<Fault> = call.chain((call): fc.Arbitrary<Fault> => {
  const moves = MOVING_CALLS.has(call);
  const nth = fc.record({ nth: fc.integer({ min: 1, max: 24 }) });
  const chance = fc.record({ chance: fc.constantFrom(0.02, 0.2, 1) });
  const byte = fc.record({ byte: fc.integer({ min: 0, max: 4 * MIB }) });
  const errno = fc.record({
    give: fc.constantFrom(...FAULT_ERRNOS.filter((one) => one !== "ENOMSG" || call === "read")),
  });
  const slow = fc.record({
    give: fc.constant("slow" as const),
    delay_ms: fc.constantFrom(0.1, 5, 150),
  });
  const short = fc.record({
    give: fc.constant("short" as const),
    bytes: fc.constantFrom(1000, 4096, 70_000),
  });
  return fc.tuple(
    moves ? fc.oneof(nth, byte, chance) : fc.oneof(nth, chance),
    moves ? fc.oneof(errno, slow, short) : fc.oneof(errno, slow),
    fc.constantFrom(...SIDES_OF_CALL[call]),
    fc.constantFrom(1, 2, 30, "ever" as const),
  ).map(([when, what, side, times]): Fault => ({
    on: "nic0",
    side,
    call,
    ...when,
    ...what,
    times,
  }));
});

const lie: fc.Arbitrary<Fault> = fc.constantFrom(...LIE_NAMES).chain((lie) =>
  fc.constantFrom(...lieOf(lie).sides).map((side): Fault => ({
    on: "nic0",
    side,
    give: "lie",
    lie,
  }))
);

Deno.test("whatever the plan is", () => {
  const plan = fc.array(fc.oneof({ weight: 3, arbitrary: fault }, lie), {
    minLength: 1,
    maxLength: 3,
  });
  const outcomes = new Set<boolean>();
  fc.assert(
    fc.property(plan, fc.constantFrom(...SETUPS), fc.nat(), (faults, setup, seed) => {
      outcomes.add(holds(faults, setup, seed) === "completed");
    }),
    { numRuns: 300 },
  );
  assertEquals(outcomes.size, 2, "some complete, and some fail");
});

Deno.test("the same plan and seed come to the same end", () => {
  const plan: Fault[] = [
    { on: "nic0", side: "source", call: "read", chance: 0.1, times: "ever", give: "EINTR" },
    { on: "nic0", side: "destination", call: "write", chance: 0.05, times: 1, give: "EIO" },
  ];
  for (const setup of SETUPS) {
    for (const seed of [1, 2, 3]) assertEquals(holds(plan, setup, seed), holds(plan, setup, seed));
  }
});
