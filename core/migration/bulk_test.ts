import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createStride, noteStride, stepsWithin } from "./bulk.ts";
import type { PolicyName, VirtualReport } from "./mod.ts";
import { downtimeMs, MIB, playVirtual, type VirtualSetup } from "./testdata/virtual_setup.ts";

const COSTS = { stopNs: 1e6, configNs: 5e6, startNs: 5e6 };

function play(setup: VirtualSetup, bulk: boolean): VirtualReport {
  return playVirtual({ ...setup, costs: COSTS, bulk });
}

/** Downtime, total time and bytes, or why there are none. */
function outcome({ source, destination }: VirtualReport) {
  const failure = source.failure ?? destination.failure;
  if (failure !== null || source.switchover === null || destination.runningNs === null) {
    return { failure: failure?.phase ?? "none" };
  }
  return {
    downtime_ms: downtimeMs({ source, destination }),
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
      ram: fc.constantFrom(0, 512 * MIB)
        .map((size) => ({ size, dirty_rate: 100e6, dirty_span: 16 * MIB })),
      bandwidth: fc.constantFrom(1e9, 12.5e9),
      options: fc.record({
        maxBandwidth: fc.constantFrom(0, 1e9),
        switchoverAck: fc.boolean(),
        maxTimeMs: fc.constant(8_000),
      }),
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
    const setup: VirtualSetup = {
      profiles: [{ state_size: 1024 * MIB, [slow]: 1e9 }],
      policy: "qemu-9.2",
      options: { switchoverAck: true },
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
      options: { switchoverAck: true, maxTimeMs: 1e6 },
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
