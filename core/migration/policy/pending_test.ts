import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createPending,
  ESTIMATE_QUERY,
  EXACT_QUERY,
  FINAL_QUERY,
  type PendingQuery,
  sumPending,
} from "./pending.ts";
import { createPendingCache, type PendingCache } from "./pending_cache.ts";
import { POLICIES, POLICY_NAMES, type PolicyName } from "./policy.ts";

function cacheOf(sizes: Partial<PendingCache>): PendingCache {
  const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
  return Object.assign(cache, { inPrecopy: true }, sizes);
}

function sums(name: PolicyName, caches: readonly PendingCache[], ram: number, query: PendingQuery) {
  const pending = createPending();
  sumPending(POLICIES[name], caches, ram, query, pending);
  return pending;
}

const DEVICE = { initialBytes: 10, dirtyBytes: 5, stopCopyLength: 40 };

Deno.test("8.1 counts what precopy can send twice in an exact query", () => {
  assertEquals(sums("qemu-8.1", [cacheOf(DEVICE)], 100, ESTIMATE_QUERY).total, 100 + 15);
  assertEquals(sums("qemu-8.1", [cacheOf(DEVICE)], 100, EXACT_QUERY).total, 100 + 40 + 15);
});

Deno.test("9.2 counts initial and dirty bytes in an estimate, the stop-copy length in an exact query", () => {
  assertEquals(sums("qemu-9.2", [cacheOf(DEVICE)], 100, ESTIMATE_QUERY).total, 100 + 15);
  assertEquals(sums("qemu-9.2", [cacheOf(DEVICE)], 100, EXACT_QUERY).total, 100 + 40);
});

Deno.test("11.1 counts the larger of both in every query, split into precopy and stop-copy", () => {
  for (const query of [ESTIMATE_QUERY, EXACT_QUERY, FINAL_QUERY]) {
    const { precopyBytes, stopcopyBytes, total } = sums(
      "qemu-11.1",
      [cacheOf(DEVICE)],
      100,
      query,
    );
    assertEquals([precopyBytes, stopcopyBytes, total], [115, 25, 140]);
    const small = cacheOf({ ...DEVICE, stopCopyLength: 14 });
    assertEquals(sums("qemu-11.1", [small], 100, query).total, 115);
  }
});

Deno.test("out of precopy a device counts nothing in an estimate, and as ever in 11.1", () => {
  const sumsOf = (name: PolicyName, query: PendingQuery) =>
    sums(name, [cacheOf({ ...DEVICE, inPrecopy: false })], 100, query).total;
  assertEquals(POLICY_NAMES.map((name) => sumsOf(name, ESTIMATE_QUERY)), [100, 100, 140]);
  assertEquals(POLICY_NAMES.map((name) => sumsOf(name, EXACT_QUERY)), [140, 140, 140]);
});

Deno.test("a request for an ack is collected once, by whatever query comes first", () => {
  const caches = [true, false, true].map((ackRequested) => cacheOf({ ackRequested }));
  for (const query of [ESTIMATE_QUERY, EXACT_QUERY, FINAL_QUERY]) {
    assertEquals(sums("qemu-11.1", caches, 0, query).switchoverAckPending, 2);
    assertEquals(sums("qemu-11.1", caches, 0, query).switchoverAckPending, 0);
    for (const cache of caches) cache.ackRequested = true;
    assertEquals(sums("qemu-11.1", caches, 0, query).switchoverAckPending, 3);
    Object.assign(caches, [true, false, true].map((ackRequested) => cacheOf({ ackRequested })));
  }
});

Deno.test("rule: a query sums what is cached and changes no size", () => {
  for (const name of POLICY_NAMES) {
    for (const query of [ESTIMATE_QUERY, EXACT_QUERY, FINAL_QUERY]) {
      const cache = cacheOf(DEVICE);
      sums(name, [cache], 7, query);
      assertEquals(cache, cacheOf(DEVICE));
    }
  }
});

Deno.test("a sum replaces what was in the record before", () => {
  const pending = createPending();
  for (const name of POLICY_NAMES) {
    sumPending(
      POLICIES[name],
      [cacheOf({ ...DEVICE, ackRequested: true })],
      1,
      EXACT_QUERY,
      pending,
    );
    sumPending(POLICIES[name], [], 0, EXACT_QUERY, pending);
    assertEquals(pending, createPending());
  }
});

const MASK = 2n ** 64n - 1n;

/** What each generation does to u64, in u64. */
function model(
  name: PolicyName,
  caches: readonly PendingCache[],
  ram: number,
  query: PendingQuery,
): bigint {
  const u64 = (value: number) => BigInt.asUintN(64, BigInt(value));
  let total = u64(ram);
  for (const { initialBytes, dirtyBytes, stopCopyLength, inPrecopy } of caches) {
    const precopy = (u64(initialBytes) + u64(dirtyBytes)) & MASK;
    const stop = u64(stopCopyLength);
    if (name === "qemu-11.1") total += precopy + (stop > precopy ? stop - precopy : 0n);
    else if (!query.exact) total += inPrecopy ? precopy : 0n;
    else total += stop + (name === "qemu-8.1" && inPrecopy ? precopy : 0n);
  }
  return total & MASK;
}

Deno.test("the sums wrap as u64 do", () => {
  // Small enough for any sum of them to be exact; negative ones stand for sizes just below 2^64.
  const size = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fc.double({ min: 0, max: 1, noNaN: true }).map((x) => Math.trunc(x * 2 ** 47)),
    fc.integer({ min: -200, max: -1 }),
    fc.double({ min: 0, max: 1, noNaN: true }).map((x) => -1 - Math.trunc(x * 2 ** 47)),
  );
  const cache = fc.record({
    initialBytes: size,
    dirtyBytes: size,
    stopCopyLength: size,
    inPrecopy: fc.boolean(),
  }).map(cacheOf);
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICY_NAMES),
      fc.array(cache, { maxLength: 5 }),
      size,
      fc.constantFrom(ESTIMATE_QUERY, EXACT_QUERY, FINAL_QUERY),
      (name, caches, ram, query) => {
        const { total } = sums(name, caches, ram, query);
        assertEquals(BigInt.asUintN(64, BigInt(total)), model(name, caches, ram, query));
      },
    ),
    { numRuns: 1000 },
  );
});
