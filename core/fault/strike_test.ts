import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../libc/errno.ts";
import { DEVICE_STATE } from "../vfio/device_state.ts";
import { createDeviceFaults, type DeviceFaults, deviceInjections } from "./device_faults.ts";
import type { DeviceFault, FaultPlan } from "./fault.ts";
import { createStrike, noteMoved, type Strike, strike } from "./strike.ts";

const READ = { on: "nic0", side: "source", call: "read", times: 1, give: "EIO" } as const;

function faultsOf(plan: FaultPlan, seed = 1): DeviceFaults {
  const faults = createDeviceFaults(plan, "nic0", "source", seed);
  assert(faults !== null);
  return faults;
}

/** What so many reads of `length` bytes meet, each of which moves all that it may. */
function readMany(faults: DeviceFaults, calls: number, length = 100): Strike[] {
  return Array.from({ length: calls }, (_, i) => {
    const out = createStrike();
    strike(faults, "read", null, length, i, out);
    if (out.errno === 0) noteMoved(faults, "read", Math.min(length, out.limit));
    return out;
  });
}

/** The numbers, from 1, of those that something is wrong with. */
function struck(strikes: readonly Strike[]): number[] {
  return strikes.flatMap(({ errno, limit, delayNs }, i) =>
    errno !== 0 || limit !== Infinity || delayNs !== 0 ? [i + 1] : []
  );
}

Deno.test("nth: the call of that number, and the ones after it as often as it says", () => {
  assertEquals(struck(readMany(faultsOf([{ ...READ, nth: 3 }]), 6)), [3]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, nth: 3, times: 2 }]), 6)), [3, 4]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, nth: 5, times: "ever" }]), 6)), [5, 6]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, times: 1 }]), 3)), [1]);
});

Deno.test("byte: the first call that has room for it, and as often as it says", () => {
  // Reads of 100 bytes: 0-99, 100-199, 200-299. One that fails moves nothing, and the next is the same again.
  assertEquals(struck(readMany(faultsOf([{ ...READ, byte: 0 }]), 4)), [1]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, byte: 99 }]), 4)), [1]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, byte: 100 }]), 4)), [2]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, byte: 250, times: 3 }]), 7)), [3, 4, 5]);
});

Deno.test("byte of calls that move on: in a row all the same", () => {
  const short = { ...READ, give: "short", bytes: 10 } as const;
  assertEquals(struck(readMany(faultsOf([{ ...short, byte: 150, times: 3 }]), 7)), [2, 3, 4]);
});

Deno.test("chance: each call for itself, the same from the same seed, and about as often as it says", () => {
  const plan = [{ ...READ, chance: 0.25, times: "ever" }] as const;
  const of = (seed: number) => struck(readMany(faultsOf(plan, seed), 4000));
  assertEquals(of(7), of(7));
  assert(of(7).join() !== of(8).join());
  assertAlmostEquals(of(7).length / 4000, 0.25, 0.03);
  const own = (seed: number) => struck(readMany(faultsOf([{ ...plan[0], seed: 3 }], seed), 100));
  assertEquals(own(1), own(2));
  assertEquals(struck(readMany(faultsOf([{ ...READ, chance: 1, times: 2 }]), 5)), [1, 2]);
  assertEquals(struck(readMany(faultsOf([{ ...READ, chance: 0, times: "ever" }]), 50)), []);
});

Deno.test("only the call that is meant is counted, and of setState only the state", () => {
  const faults = faultsOf([
    { ...READ, call: "setState", state: "STOP", nth: 2 },
  ]);
  const out = createStrike();
  const set = (state: number) => {
    const found = Object.values(DEVICE_STATE).find((one) => one === state);
    strike(faults, "setState", found ?? null, 0, 0, out);
    return out.errno;
  };
  strike(faults, "reset", null, 0, 0, out);
  assertEquals(out.errno, 0);
  const { STOP, RUNNING } = DEVICE_STATE;
  assertEquals([set(STOP), set(RUNNING), set(RUNNING), set(STOP), set(STOP)], [
    0,
    0,
    0,
    ERRNO.EIO,
    0,
  ]);
});

Deno.test("of several in one call: delays add up, the least limit, the plan's first errno", () => {
  const [both] = readMany(
    faultsOf([
      { ...READ, give: "slow", delay_ms: 2 },
      { ...READ, give: "short", bytes: 50 },
      { ...READ, give: "short", bytes: 20 },
      { ...READ, give: "slow", delay_ms: 3 },
      { ...READ, give: "EAGAIN" },
      { ...READ, give: "EIO" },
    ]),
    1,
  );
  assertEquals(both, { errno: ERRNO.EAGAIN, limit: 20, delayNs: 5e6 });
});

Deno.test("a call that is shorter anyway is not shortened, and nothing is told of it", () => {
  const faults = faultsOf([{ ...READ, give: "short", bytes: 100 }]);
  assertEquals(struck(readMany(faults, 2)), []);
  assertEquals(deviceInjections(faults), []);
});

Deno.test("ENODEV: the device is gone, whatever is called", () => {
  const faults = faultsOf([{ ...READ, nth: 2, give: "ENODEV" }]);
  assertEquals(struck(readMany(faults, 4)), [2, 3, 4]);
  const out = createStrike();
  for (const call of ["reset", "setState", "getDataSize"] as const) {
    strike(faults, call, null, 0, 0, out);
    assertEquals(out.errno, ERRNO.ENODEV);
  }
  // It struck once; what followed, followed from it.
  assertEquals(deviceInjections(faults).map(({ times }) => times), [1]);
});

Deno.test("what struck is told with its first time", () => {
  const faults = faultsOf([
    { ...READ, nth: 9 },
    { ...READ, nth: 3, times: 2, give: "EINTR" },
  ]);
  readMany(faults, 5);
  assertEquals(deviceInjections(faults), [{ fault: 1, atNs: 2, times: 2, nth: 3, byte: 200 }]);
});

Deno.test("whatever the plan, a fault strikes at most as often as it says, and decisions repeat", () => {
  const moment = fc.oneof(
    fc.record({ nth: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ byte: fc.integer({ min: 0, max: 2000 }) }),
    fc.record({ chance: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  const give = fc.oneof(
    fc.constantFrom("EIO", "EINTR", "EAGAIN", "ENOMEM").map((errno) => ({ give: errno })),
    fc.record({ give: fc.constant("short" as const), bytes: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ give: fc.constant("slow" as const), delay_ms: fc.constantFrom(1, 5) }),
  );
  const fault: fc.Arbitrary<DeviceFault> = fc.tuple(moment, give, fc.integer({ min: 1, max: 4 }))
    .map(([when, what, times]): DeviceFault => ({ ...READ, ...when, ...what, times }));
  fc.assert(fc.property(fc.array(fault, { minLength: 1, maxLength: 5 }), fc.nat(), (plan, seed) => {
    const [once, twice] = [faultsOf(plan, seed), faultsOf(plan, seed)];
    assertEquals(readMany(once, 40), readMany(twice, 40));
    for (const { fault: place, times } of deviceInjections(once)) {
      assert(times <= Number(plan[place]?.times));
    }
  }));
});
