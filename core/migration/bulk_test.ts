import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  type DeviceProfile,
  GENERIC_PROFILE,
  SimulatedDevice,
} from "../device/mod.ts";
import { createStride, noteStride, stepsWithin } from "./bulk.ts";
import { POLICIES, type PolicyName, runVirtualMigration, type VirtualReport } from "./mod.ts";

const MIB = 1024 * 1024;

interface Setup {
  readonly profiles: readonly Partial<DeviceProfile>[];
  readonly policy: PolicyName;
  readonly ramSize: number;
  readonly bandwidth: number;
  readonly maxBandwidth: number;
  readonly switchoverAck: boolean;
}

function play(setup: Setup, bulk: boolean): VirtualReport {
  const ram = { size: setup.ramSize, dirty_rate: 100e6, dirty_span: 16 * MIB };
  return runVirtualMigration({
    policy: POLICIES[setup.policy],
    options: {
      bufferSize: MIB,
      downtimeLimitMs: 300,
      maxBandwidth: setup.maxBandwidth,
      availSwitchoverBandwidth: 0,
      switchoverAck: setup.switchoverAck,
      switchoverAckLegacy: false,
      pauseBeforeSwitchoverMs: 0,
      guestPausedAtMs: Infinity,
      cancelAtMs: Infinity,
      returnPath: true,
      reinit: true,
      maxTimeMs: 8_000,
    },
    costs: { passNs: 5_000, queryNs: 50_000, stopNs: 1e6, configNs: 5e6, startNs: 5e6 },
    link: { bandwidth: setup.bandwidth, latency_ns: 50_000, window: 10 * MIB },
    bulk,
    build(sourceClock, destinationClock) {
      const sources: SimulatedDevice[] = [];
      const destinations: SimulatedDevice[] = [];
      for (const [i, given] of setup.profiles.entries()) {
        const common = { id: `nic${i}`, profile: { ...GENERIC_PROFILE, ...given }, memory: null };
        const saving = new SimulatedDevice({ ...common, clock: sourceClock });
        const headerFeed = saving.stream.headerLog;
        sources.push(saving);
        destinations.push(new SimulatedDevice({ ...common, clock: destinationClock, headerFeed }));
      }
      if (ram.size === 0) return { sources, destinations, ram: null, ramLoader: null };
      const guestRam = createSimulatedRam(ram, sourceClock, null);
      const ramLoader = createSimulatedRamLoader(ram, null, guestRam.stream.headerLog);
      return { sources, destinations, ram: guestRam, ramLoader };
    },
  });
}

/** Downtime, total time and bytes, or why there are none. */
function outcome({ source, destination }: VirtualReport) {
  const failure = source.failure ?? destination.failure;
  if (failure !== null || source.switchover === null || destination.runningNs === null) {
    return { failure: failure?.phase ?? "none" };
  }
  return {
    downtime_ms: (destination.runningNs - source.switchover.decidedNs) / 1e6,
    total_ms: (destination.runningNs - source.startNs) / 1e6,
    bytes: source.transferredBytes,
  };
}

function assertClose(actual: number, expected: number, allowance: number): void {
  const message = `${actual} against ${expected}`;
  assert(Math.abs(actual - expected) <= 0.05 * expected + allowance, message);
}

const rate = fc.constantFrom(0, 500e6, 2e9, 8e9);
const profile = fc.record({
  state_size: fc.integer({ min: 1, max: 400 }).map((mib) => mib * MIB + 4096),
  initial_fraction: fc.constantFrom(0.5, 1),
  dirty_rate: fc.constantFrom(0, 20e6, 100e6),
  dirty_span: fc.constant(8 * MIB),
  save_rate: rate,
  load_rate: rate,
  prealloc_ms_per_mib: fc.constantFrom(0, 0.5),
  suspend_stop_ms: fc.constantFrom(0, 20),
});

Deno.test("many buffers in one step come to the same as one buffer at a time", () => {
  const setups = fc.sample(
    fc.record({
      profiles: fc.array(profile, { minLength: 1, maxLength: 3 }),
      policy: fc.constantFrom<PolicyName>("qemu-8.1", "qemu-9.2", "qemu-11.1"),
      ramSize: fc.constantFrom(0, 512 * MIB),
      bandwidth: fc.constantFrom(1e9, 12.5e9),
      maxBandwidth: fc.constantFrom(0, 1e9),
      switchoverAck: fc.boolean(),
    }),
    { numRuns: 60, seed: 4 },
  );
  let decidedOtherwise = 0;
  for (const setup of setups) {
    const many = outcome(play(setup, true));
    const single = outcome(play(setup, false));
    if (many.failure !== undefined || single.failure !== undefined) {
      assertEquals(many, single);
      continue;
    }
    assertClose(many.total_ms, single.total_ms, 15);
    assertClose(many.bytes, single.bytes, 16 * MIB);
    if (Math.abs(many.downtime_ms - single.downtime_ms) > 0.05 * single.downtime_ms + 5) {
      decidedOtherwise++;
    }
  }
  // A total that is about the threshold when a window closes can fall on either side of it.
  assert(decidedOtherwise <= 3, `${decidedOtherwise} of 60 downtimes differ`);
});

Deno.test("without dirtying, many buffers in one step take exactly as long at the slowest stage", () => {
  for (const slow of ["save_rate", "load_rate"] as const) {
    const setup: Setup = {
      profiles: [{ state_size: 1024 * MIB, [slow]: 1e9 }],
      policy: "qemu-9.2",
      ramSize: 0,
      bandwidth: 12.5e9,
      maxBandwidth: 0,
      switchoverAck: true,
    };
    const many = outcome(play(setup, true));
    const single = outcome(play(setup, false));
    assert(many.total_ms !== undefined && single.total_ms !== undefined);
    assert(
      Math.abs(many.total_ms / single.total_ms - 1) < 0.005,
      `${many.total_ms}, ${single.total_ms}`,
    );
  }
});

Deno.test("a terabyte takes no more steps than a gigabyte, about", () => {
  const steps = (state_size: number) => {
    const { source } = play({
      profiles: [{ state_size, save_rate: 10e9 }],
      policy: "qemu-9.2",
      ramSize: 0,
      bandwidth: 12.5e9,
      maxBandwidth: 0,
      switchoverAck: true,
    }, true);
    assertEquals(source.failure, null);
    return source.events.length;
  };
  assert(steps(512 * 1024 * MIB) < 10 * steps(1024 * MIB));
});

Deno.test("a step at most doubles, ends within its time, and is never nothing", () => {
  const stride = createStride();
  assertEquals(stepsWithin(stride, 1e9), 2);
  noteStride(stride, 100, 1000);
  assertEquals(stepsWithin(stride, 1e9), 200);
  assertEquals(stepsWithin(stride, 55), 5);
  assertEquals(stepsWithin(stride, 0), 1);
  assertEquals(stepsWithin(stride, -5), 1);
});
