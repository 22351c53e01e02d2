import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../../libc/mod.ts";
import { PRECOPY_INFO } from "../../vfio/mod.ts";
import type { AckOptions } from "./ack_options.ts";
import {
  applyDataSize,
  applyFinalPrecopyInfo,
  applyPrecopyInfo,
  applyRead,
  createPendingCache,
  finalPrecopyInfoDue,
  initDataSentDue,
  type PendingCache,
  requestAck,
  STAND_IN_BYTES,
} from "./pending_cache.ts";
import { POLICIES, POLICY_NAMES } from "./policy.ts";

const QEMU_11_1 = POLICIES["qemu-11.1"];
const ACKS: AckOptions = { capability: true, legacy: false };
const LEGACY: AckOptions = { capability: true, legacy: true };
const OFF: AckOptions = { capability: false, legacy: false };
const REINIT = { flags: PRECOPY_INFO.REINIT, initialBytes: 23739736, dirtyBytes: 11276320 };

function cacheOf(fields: Partial<PendingCache>): PendingCache {
  const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
  return Object.assign(cache, { inPrecopy: true }, fields);
}

function sizes({ initialBytes, dirtyBytes, stopCopyLength }: PendingCache) {
  return [initialBytes, dirtyBytes, stopCopyLength];
}

Deno.test("a stop-copy length is kept whatever it is; 100 GiB stands in for none", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({});
    applyDataSize(POLICIES[name], cache, 0, 4096);
    assertEquals(cache.stopCopyLength, 4096);
    applyDataSize(POLICIES[name], cache, 0, -22); // bit 63 set
    assertEquals(cache.stopCopyLength, -22);
    applyDataSize(POLICIES[name], cache, -ERRNO.EINVAL, 4096);
    assertEquals(cache.stopCopyLength, STAND_IN_BYTES);
    assertEquals(STAND_IN_BYTES, 0x1900000000);
  }
});

Deno.test("a precopy query that failed makes both sizes 0 and leaves the stop-copy length", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({ initialBytes: 1, dirtyBytes: 2, stopCopyLength: 3 });
    applyPrecopyInfo(
      POLICIES[name],
      cache,
      0,
      { flags: 0, initialBytes: 70, dirtyBytes: -1 },
      ACKS,
    );
    assertEquals(sizes(cache), [70, -1, 3]);
    applyPrecopyInfo(POLICIES[name], cache, -ERRNO.ENODEV, REINIT, ACKS);
    assertEquals(sizes(cache), [0, 0, 3]);
    assert(!cache.ackRequested);
  }
});

Deno.test("vector, cache decay: (100,50) n=30 -> (70,50)", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({ initialBytes: 100, dirtyBytes: 50 });
    applyRead(POLICIES[name], cache, 30);
    assertEquals([cache.initialBytes, cache.dirtyBytes], [70, 50]);
  }
});

Deno.test("vector, cache decay: (0,5) n=30 -> (0,0)", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({ initialBytes: 0, dirtyBytes: 5 });
    applyRead(POLICIES[name], cache, 30);
    assertEquals([cache.initialBytes, cache.dirtyBytes], [0, 0]);
  }
});

Deno.test("vector, cache decay: (70,50) ENOMSG -> (0,0), then INIT_DATA_SENT although 70 were announced", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({ initialBytes: 70, dirtyBytes: 50 });
    assert(!initDataSentDue(POLICIES[name], cache, true));
    applyRead(POLICIES[name], cache, -ERRNO.ENOMSG);
    assertEquals([cache.initialBytes, cache.dirtyBytes], [0, 0]);
    assert(initDataSentDue(POLICIES[name], cache, true));
  }
});

Deno.test("vector, 11.1, cache decay: (10,50,40) n=30 -> (0,30,10)", () => {
  const cache = cacheOf({ initialBytes: 10, dirtyBytes: 50, stopCopyLength: 40 });
  applyRead(QEMU_11_1, cache, 30);
  assertEquals(sizes(cache), [0, 30, 10]);
});

Deno.test("vector, 11.1, cache decay: ENOMSG on (70,50,200) -> (0,0,200)", () => {
  const cache = cacheOf({ initialBytes: 70, dirtyBytes: 50, stopCopyLength: 200 });
  applyRead(QEMU_11_1, cache, -ERRNO.ENOMSG);
  assertEquals(sizes(cache), [0, 0, 200]);
});

Deno.test("rule: a read of nothing, 0 or ENOMSG, zeroes both sizes and not the stop-copy length", () => {
  for (const name of POLICY_NAMES) {
    for (const nothing of [0, -ERRNO.ENOMSG]) {
      const cache = cacheOf({ initialBytes: -5, dirtyBytes: 50, stopCopyLength: 200 });
      applyRead(POLICIES[name], cache, nothing);
      assertEquals(sizes(cache), [0, 0, 200]);
    }
  }
});

Deno.test("up to 11.0 a read leaves the stop-copy length alone", () => {
  for (const name of ["qemu-8.1", "qemu-9.2"] as const) {
    const cache = cacheOf({ initialBytes: 10, dirtyBytes: 50, stopCopyLength: 40 });
    applyRead(POLICIES[name], cache, 30);
    assertEquals(sizes(cache), [0, 30, 40]);
  }
});

Deno.test("a read that failed changes nothing", () => {
  const cache = cacheOf({ initialBytes: 10, dirtyBytes: 50, stopCopyLength: 40 });
  applyRead(QEMU_11_1, cache, -ERRNO.ENODEV);
  assertEquals(sizes(cache), [10, 50, 40]);
});

Deno.test("reads lower the caches as saturating u64 do", () => {
  const u64 = (value: number) => BigInt.asUintN(64, BigInt(value));
  const size = fc.oneof(fc.nat(1 << 21), fc.maxSafeNat(), fc.integer({ min: -200, max: -1 }));
  fc.assert(
    fc.property(size, size, size, fc.integer({ min: 1, max: 1 << 20 }), (init, dirty, stop, n) => {
      const cache = cacheOf({ initialBytes: init, dirtyBytes: dirty, stopCopyLength: stop });
      applyRead(QEMU_11_1, cache, n);
      const less = (a: bigint, b: bigint) => a > b ? a - b : 0n;
      const read = BigInt(n);
      const rest = less(read, u64(init));
      assertEquals(sizes(cache).map(u64), [
        less(u64(init), read),
        less(u64(dirty), rest),
        less(u64(stop), read),
      ]);
    }),
  );
});

Deno.test("INIT_DATA_SENT is due once, when no initial data is left, if the capability is on", () => {
  for (const name of POLICY_NAMES) {
    const cache = cacheOf({ initialBytes: 30 });
    assert(!initDataSentDue(POLICIES[name], cache, true));
    applyRead(POLICIES[name], cache, 30);
    assert(!initDataSentDue(POLICIES[name], cache, false));
    assert(initDataSentDue(POLICIES[name], cache, true));
    assert(!initDataSentDue(POLICIES[name], cache, true));
  }
});

Deno.test("REINIT after INIT_DATA_SENT asks for an ack, takes the driver's sizes, and sends the marker again", () => {
  const cache = cacheOf({ initDataSent: true });
  applyPrecopyInfo(QEMU_11_1, cache, 0, REINIT, ACKS);
  // The driver should make the dirty bytes 0. This one did not, and QEMU took its word.
  assertEquals([cache.initialBytes, cache.dirtyBytes], [23739736, 11276320]);
  assert(cache.ackRequested);
  assert(!initDataSentDue(QEMU_11_1, cache, true));
  applyRead(QEMU_11_1, cache, 23739736);
  assert(initDataSentDue(QEMU_11_1, cache, true));
});

Deno.test("REINIT with no new initial data sends the marker at once", () => {
  const cache = cacheOf({ initDataSent: true });
  applyPrecopyInfo(QEMU_11_1, cache, 0, { ...REINIT, initialBytes: 0 }, ACKS);
  assert(cache.ackRequested);
  assert(initDataSentDue(QEMU_11_1, cache, true));
});

Deno.test("REINIT before INIT_DATA_SENT is only new sizes", () => {
  const cache = cacheOf({ initialBytes: 5 });
  applyPrecopyInfo(QEMU_11_1, cache, 0, REINIT, ACKS);
  assertEquals([cache.initialBytes, cache.dirtyBytes], [23739736, 11276320]);
  assert(!cache.ackRequested);
});

Deno.test("REINIT is only new sizes to an older generation, in legacy mode and without the opt-in", () => {
  const cases = [
    { policy: POLICIES["qemu-8.1"], options: ACKS, precopyInfoV2: true },
    { policy: POLICIES["qemu-9.2"], options: ACKS, precopyInfoV2: true },
    { policy: QEMU_11_1, options: LEGACY, precopyInfoV2: true },
    { policy: QEMU_11_1, options: ACKS, precopyInfoV2: false },
  ];
  for (const { policy, options, precopyInfoV2 } of cases) {
    const cache = cacheOf({ initDataSent: true, precopyInfoV2 });
    applyPrecopyInfo(policy, cache, 0, REINIT, options);
    assertEquals([cache.initialBytes, cache.dirtyBytes], [23739736, 11276320]);
    assertEquals([cache.ackRequested, cache.initDataSent], [false, true]);
  }
});

Deno.test("there is no end to REINITs", () => {
  const cache = cacheOf({});
  for (let i = 0; i < 100; i++) {
    applyRead(QEMU_11_1, cache, 0);
    assert(initDataSentDue(QEMU_11_1, cache, true));
    applyPrecopyInfo(QEMU_11_1, cache, 0, REINIT, ACKS);
    assert(cache.ackRequested);
    cache.ackRequested = false;
  }
});

Deno.test("a device asks for its first ack at setup, where devices ask at all", () => {
  const asked = (policy: keyof typeof POLICIES, options: AckOptions) => {
    const cache = cacheOf({});
    requestAck(POLICIES[policy], cache, options);
    return cache.ackRequested;
  };
  assertEquals(POLICY_NAMES.map((name) => asked(name, ACKS)), [false, false, true]);
  assertEquals([asked("qemu-11.1", LEGACY), asked("qemu-11.1", OFF)], [false, false]);
});

Deno.test("rule, 11.1: the last check for REINIT is for opted-in devices in precopy, with reusable acks", () => {
  const due = (fields: Partial<PendingCache>, options = ACKS, policy = QEMU_11_1) =>
    finalPrecopyInfoDue(policy, cacheOf(fields), options);
  assert(due({}));
  assert(!due({ inPrecopy: false }));
  assert(!due({ precopyInfoV2: false }));
  assert(!due({}, LEGACY));
  assert(!due({}, OFF));
  assert(!due({}, ACKS, POLICIES["qemu-9.2"]));
});

Deno.test("rule, 11.1: a last check that fails counts as REINIT", () => {
  const info = { flags: 0, initialBytes: 0, dirtyBytes: 9 };
  const cache = cacheOf({ initDataSent: true });
  applyFinalPrecopyInfo(QEMU_11_1, cache, 0, info, ACKS);
  assertEquals([cache.ackRequested, cache.initDataSent], [false, true]);
  applyFinalPrecopyInfo(QEMU_11_1, cache, -ERRNO.ENODEV, info, ACKS);
  assertEquals([cache.ackRequested, cache.initDataSent], [true, false]);
  const found = cacheOf({ initDataSent: true });
  applyFinalPrecopyInfo(QEMU_11_1, found, 0, REINIT, ACKS);
  assertEquals([found.ackRequested, found.initDataSent], [true, false]);
});
