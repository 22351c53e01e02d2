/**
 * The decision vectors. Each is one pass with one device: RAM pending, initial + dirty bytes, stop-copy
 * length (`undefined`: the query fails), threshold. The caches are fresh: the device answers the same again.
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { decide, needsExact } from "./decide.ts";
import { createPending, ESTIMATE_QUERY, EXACT_QUERY, sumPending } from "./pending.ts";
import { applyDataSize, createPendingCache, STAND_IN_BYTES } from "./pending_cache.ts";
import { POLICIES, POLICY_NAMES, type PolicyName } from "./policy.ts";

interface Situation {
  readonly ram: number;
  readonly precopy: number;
  readonly stop: number | undefined;
  readonly threshold: number;
  /** Whether switchover-ack allows it. Yes unless given. */
  readonly gate?: boolean;
  /** What RAM's bitmap sync makes of it. The same unless given. */
  readonly ramAfterSync?: number;
}

/** Plays one pass; `exact` is `undefined` where there was no exact query. */
function pass(name: PolicyName, situation: Situation) {
  const { ram, precopy, stop, threshold, gate = true, ramAfterSync = ram } = situation;
  const policy = POLICIES[name];
  const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: false });
  cache.inPrecopy = true;
  cache.initialBytes = precopy;
  applyDataSize(policy, cache, stop === undefined ? -22 : 0, stop ?? 0);
  const pending = createPending();
  sumPending(policy, [cache], ram, ESTIMATE_QUERY, pending);
  const estimate = pending.total;
  let exact: number | undefined;
  if (needsExact(policy, pending, threshold)) {
    sumPending(policy, [cache], ramAfterSync, EXACT_QUERY, pending);
    exact = pending.total;
  }
  return { estimate, exact, then: decide(policy, pending, threshold, gate) };
}

const AT_ONCE = { ram: 0, precopy: 0, stop: 10, threshold: 0 };
const TOO_LARGE = { ram: 0, precopy: 0, stop: 10, threshold: 5 };
const FITS = { ram: 0, precopy: 0, stop: 10, threshold: 10 };
const RAM_TOO = { ram: 3, precopy: 1, stop: 10, threshold: 5, ramAfterSync: 4 };
const NO_ANSWER = { ram: 0, precopy: 0, stop: undefined, threshold: STAND_IN_BYTES - 1 };

Deno.test("vector, 9.2, (0, 0, 10, 0): completes at once, the stop-copy length is never looked at", () => {
  assertEquals(pass("qemu-9.2", AT_ONCE), { estimate: 0, exact: undefined, then: "complete" });
});

Deno.test("vector, 9.2, (0, 0, 10, 5): exact, iterates", () => {
  assertEquals(pass("qemu-9.2", TOO_LARGE), { estimate: 0, exact: 10, then: "iterate" });
});

Deno.test("vector, 9.2, (0, 0, 10, 10): exact, completes", () => {
  assertEquals(pass("qemu-9.2", FITS), { estimate: 0, exact: 10, then: "complete" });
});

Deno.test("vector, 9.2, (3, 1, 10, 5): exact is r' + 10, iterates", () => {
  assertEquals(pass("qemu-9.2", RAM_TOO), { estimate: 4, exact: 14, then: "iterate" });
});

Deno.test("vector, 9.2, (0, 0, query fails, below 100 GiB): exact is 100 GiB, iterates", () => {
  assertEquals(pass("qemu-9.2", NO_ANSWER), {
    estimate: 0,
    exact: STAND_IN_BYTES,
    then: "iterate",
  });
});

Deno.test("vector, 9.2, ack pending: never completes, exact as without", () => {
  for (const situation of [AT_ONCE, TOO_LARGE, FITS, RAM_TOO, NO_ANSWER]) {
    const free = pass("qemu-9.2", situation);
    assertEquals(pass("qemu-9.2", { ...situation, gate: false }), { ...free, then: "iterate" });
  }
});

Deno.test("vector, 8.1: exact is r' + s + i' + d'", () => {
  assertEquals(pass("qemu-8.1", { ...RAM_TOO, ramAfterSync: 5 }).exact, 5 + 10 + 1);
});

Deno.test("vector, 8.1, (0, 0, 10, 0): exact, iterates; equality asks", () => {
  assertEquals(pass("qemu-8.1", AT_ONCE), { estimate: 0, exact: 10, then: "iterate" });
});

Deno.test("vector, 8.1, (0, 0, 10, 10): exact, iterates; equality does not complete", () => {
  assertEquals(pass("qemu-8.1", FITS), { estimate: 0, exact: 10, then: "iterate" });
  assertEquals(pass("qemu-8.1", { ...FITS, threshold: 11 }).then, "complete");
});

Deno.test("vector, 8.1, (0, 0, 0, 0): nothing pending completes, even without bandwidth", () => {
  const nothing = { ram: 0, precopy: 0, stop: 0, threshold: 0 };
  assertEquals(pass("qemu-8.1", nothing), { estimate: 0, exact: 0, then: "complete" });
});

Deno.test("vector, 11.1, (0, 0, 10, 0): precopy is 0, so exact; 10 > 0, iterates", () => {
  assertEquals(pass("qemu-11.1", AT_ONCE), { estimate: 10, exact: 10, then: "iterate" });
});

Deno.test("vector, 11.1, (0, 0, 10, 5): exact, iterates, every pass", () => {
  assertEquals(pass("qemu-11.1", TOO_LARGE), { estimate: 10, exact: 10, then: "iterate" });
});

Deno.test("vector, 11.1, (0, 0, 10, 10): exact, completes", () => {
  assertEquals(pass("qemu-11.1", FITS), { estimate: 10, exact: 10, then: "complete" });
});

Deno.test("vector, 11.1, (3, 2, 10, 5): total 13, no exact, iterates", () => {
  const situation = { ram: 3, precopy: 2, stop: 10, threshold: 5 };
  assertEquals(pass("qemu-11.1", situation), { estimate: 13, exact: undefined, then: "iterate" });
});

Deno.test("vector, 11.1, (3, 1, 10, 5): total 13, no exact, iterates", () => {
  const situation = { ram: 3, precopy: 1, stop: 10, threshold: 5 };
  assertEquals(pass("qemu-11.1", situation), { estimate: 13, exact: undefined, then: "iterate" });
});

Deno.test("vector, 11.1, (0, 4, 2, 5): total 4, exact, completes if unchanged", () => {
  const situation = { ram: 0, precopy: 4, stop: 2, threshold: 5 };
  assertEquals(pass("qemu-11.1", situation), { estimate: 4, exact: 4, then: "complete" });
});

Deno.test("vector, 11.1, (5, 0, 0, 5): total 5, exact by equality, completes", () => {
  const situation = { ram: 5, precopy: 0, stop: 0, threshold: 5 };
  assertEquals(pass("qemu-11.1", situation), { estimate: 5, exact: 5, then: "complete" });
});

Deno.test("vector, 11.1, (query fails): exact every pass once precopy is 0, never below 100 GiB", () => {
  assertEquals(pass("qemu-11.1", NO_ANSWER), {
    estimate: STAND_IN_BYTES,
    exact: STAND_IN_BYTES,
    then: "iterate",
  });
  assertEquals(pass("qemu-11.1", { ...NO_ANSWER, ram: 1 }).exact, undefined);
  assertEquals(pass("qemu-11.1", { ...NO_ANSWER, threshold: STAND_IN_BYTES }).then, "complete");
});

Deno.test("vector, 11.1, (4096, 0, 2^64 - 22, 5000): total 4074, completes far too early", () => {
  const situation = { ram: 4096, precopy: 0, stop: -22, threshold: 5000 };
  assertEquals(pass("qemu-11.1", situation), { estimate: 4074, exact: 4074, then: "complete" });
});

Deno.test("rule: with the threshold at 0 only nothing pending completes", () => {
  for (const name of POLICY_NAMES) {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (ram) => {
      const situation = { ram, precopy: 0, stop: 0, threshold: 0 };
      assertEquals(pass(name, situation).then, "iterate");
    }));
    assertEquals(pass(name, { ram: 0, precopy: 0, stop: 0, threshold: 0 }).then, "complete");
  }
});

Deno.test("rule: an estimate equal to the threshold skips exact in 9.2 and can complete so", () => {
  const equal = { ram: 2, precopy: 3, stop: 1000, threshold: 5 };
  assertEquals(pass("qemu-9.2", equal), { estimate: 5, exact: undefined, then: "complete" });
  assertEquals(pass("qemu-8.1", equal), { estimate: 5, exact: 2 + 1000 + 3, then: "iterate" });
  const equal11 = { ...equal, stop: 0 };
  assertEquals(pass("qemu-11.1", equal11), { estimate: 5, exact: 5, then: "complete" });
});

Deno.test("rule: a stop-copy length that never falls keeps precopy from helping", () => {
  // All is sent, the device answers with its full size again.
  const full = { ram: 0, precopy: 0, stop: 100, threshold: 50 };
  for (const name of POLICY_NAMES) assertEquals(pass(name, full).then, "iterate", name);
});

Deno.test("the rules compare unsigned, as BigInt does", () => {
  const unsigned = (value: number) => BigInt.asUintN(64, BigInt(value));
  const u64 = fc.oneof(
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: -200, max: -1 }),
  );
  fc.assert(fc.property(u64, u64, fc.boolean(), (total, threshold, precopyEmpty) => {
    const pending = { ...createPending(), total, precopyBytes: precopyEmpty ? 0 : total };
    const [p, t] = [unsigned(total), unsigned(threshold)];
    const wanted = {
      "qemu-8.1": [p <= t, p === 0n || p < t],
      "qemu-9.2": [p < t, p <= t],
      "qemu-11.1": [p <= t || precopyEmpty || p === 0n, p <= t],
    };
    for (const name of POLICY_NAMES) {
      const policy = POLICIES[name];
      const got = [
        needsExact(policy, pending, threshold),
        decide(policy, pending, threshold, true) === "complete",
      ];
      assertEquals(got, wanted[name], name);
    }
  }));
});
