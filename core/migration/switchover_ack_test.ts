import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../libc/mod.ts";
import { PRECOPY_INFO } from "../vfio/mod.ts";
import {
  type AckOptions,
  applyPrecopyInfo,
  applyRead,
  createPending,
  createPendingCache,
  ESTIMATE_QUERY,
  EXACT_QUERY,
  FINAL_QUERY,
  initDataSentDue,
  type PendingCache,
  POLICIES,
  POLICY_NAMES,
  requestAck,
  sumPending,
} from "./policy/mod.ts";
import {
  acksAtReturnPath,
  approveSwitchover,
  awaitInitData,
  canSwitchover,
  collectRequests,
  createDestinationAck,
  createSourceAck,
  finalQueryError,
  receiveAck,
} from "./switchover_ack.ts";

const ON: AckOptions = { capability: true, legacy: false };
const LEGACY: AckOptions = { capability: true, legacy: true };
const OFF: AckOptions = { capability: false, legacy: false };
const REINIT = { flags: PRECOPY_INFO.REINIT, initialBytes: 1, dirtyBytes: 0 };

/** How a generation and its options count. */
const SIDES = {
  "8.1": { policy: POLICIES["qemu-8.1"], options: ON },
  "11.0": { policy: POLICIES["qemu-9.2"], options: ON },
  legacy: { policy: POLICIES["qemu-11.1"], options: LEGACY },
  new: { policy: POLICIES["qemu-11.1"], options: ON },
};
type Side = keyof typeof SIDES;

type Outcome =
  | "switches over"
  | "never switches over"
  | "the gate opens early"
  | "underflow"
  | "load fails";

/** Plays the acks of a migration with `devices` precopy devices; the first one has `reinits` REINITs. */
function play(from: Side, to: Side, devices: number, reinits = 0): Outcome[] {
  const { policy, options } = SIDES[from];
  const source = createSourceAck(policy, options);
  const destination = createDestinationAck(SIDES[to].policy, SIDES[to].options);
  const pending = createPending();
  const caches: PendingCache[] = [];
  const outcomes: Outcome[] = [];

  function query(query: typeof ESTIMATE_QUERY): void {
    sumPending(policy, caches, 0, query, pending);
    collectRequests(source, pending.switchoverAckPending);
  }
  function answer(acks: number): void {
    if (acks < 0) outcomes.push("load fails");
    for (let i = 0; i < acks; i++) if (receiveAck(source) < 0) outcomes.push("underflow");
  }
  function sendInitData(cache: PendingCache): void {
    if (canSwitchover(source)) outcomes.push("the gate opens early");
    applyRead(policy, cache, 1);
    if (initDataSentDue(policy, cache, options.capability)) {
      answer(approveSwitchover(destination, true));
    }
  }

  for (let i = 0; i < devices; i++) {
    awaitInitData(destination, true);
    const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
    cache.inPrecopy = true;
    cache.initialBytes = 1;
    requestAck(policy, cache, options);
    caches.push(cache);
  }
  query(ESTIMATE_QUERY);
  answer(acksAtReturnPath(destination));
  caches.forEach(sendInitData);
  for (let i = 0; i < reinits; i++) {
    for (const cache of caches.slice(0, 1)) {
      applyPrecopyInfo(policy, cache, 0, REINIT, options);
      query(EXACT_QUERY);
      sendInitData(cache);
    }
  }
  outcomes.push(canSwitchover(source) ? "switches over" : "never switches over");
  return outcomes;
}

Deno.test("two sides that count alike switch over, with any number of devices", () => {
  const pairs: [Side, Side][] = [
    ["8.1", "8.1"],
    ["11.0", "11.0"],
    ["legacy", "legacy"],
    ["11.0", "legacy"],
    ["legacy", "11.0"],
    ["new", "new"],
  ];
  for (const [from, to] of pairs) {
    for (const devices of [0, 1, 2, 5]) {
      assertEquals(play(from, to, devices), ["switches over"], `${from} to ${to}`);
    }
  }
});

Deno.test("new to new: every REINIT has its ack", () => {
  assertEquals(play("new", "new", 1, 3), ["switches over"]);
  assertEquals(play("new", "new", 4, 1), ["switches over"]);
});

Deno.test("legacy to legacy: a REINIT shuts no gate", () => {
  assertEquals(play("legacy", "legacy", 1, 1), ["the gate opens early", "switches over"]);
});

Deno.test("pairing, new to legacy, no device: the ack at once underflows", () => {
  for (const to of ["legacy", "11.0"] as const) {
    assertEquals(play("new", to, 0), ["underflow", "switches over"]);
  }
});

Deno.test("pairing, new to legacy, one device: works, and the marker after a REINIT fails the load", () => {
  assertEquals(play("new", "legacy", 1), ["switches over"]);
  assertEquals(play("new", "legacy", 1, 1), ["load fails", "never switches over"]);
});

Deno.test("pairing, new to legacy, two devices and more: one ack for all, never switches over", () => {
  assertEquals(play("new", "legacy", 2), ["never switches over"]);
  assertEquals(play("new", "legacy", 7), ["never switches over"]);
});

Deno.test("pairing, legacy to new, no device: never acked, never switches over", () => {
  assertEquals(play("legacy", "new", 0), ["never switches over"]);
});

Deno.test("pairing, legacy to new, one device: works", () => {
  assertEquals(play("legacy", "new", 1), ["switches over"]);
});

Deno.test("pairing, legacy to new, two devices and more: acked after the first, then underflow", () => {
  assertEquals(play("legacy", "new", 2), ["the gate opens early", "underflow", "switches over"]);
});

Deno.test("11.0 has a flag: more acks than needed do not underflow", () => {
  assertEquals(play("11.0", "new", 2), ["the gate opens early", "switches over"]);
  const source = createSourceAck(POLICIES["qemu-8.1"], ON);
  assertEquals([receiveAck(source), receiveAck(source)], [0, 0]);
});

Deno.test("the source counts what is still to come", () => {
  const source = createSourceAck(POLICIES["qemu-11.1"], ON);
  assert(canSwitchover(source)); // nobody has asked: no ack is ever needed
  collectRequests(source, 2);
  collectRequests(source, 1);
  assert(!canSwitchover(source));
  assertEquals([receiveAck(source), receiveAck(source), receiveAck(source)], [2, 1, 0]);
  assert(canSwitchover(source));
  assertEquals(receiveAck(source), -ERRNO.EINVAL);
});

Deno.test("up to 11.0, and in legacy mode, requests are not counted", () => {
  for (const side of ["8.1", "11.0", "legacy"] as const) {
    const source = createSourceAck(SIDES[side].policy, SIDES[side].options);
    collectRequests(source, 3);
    assertEquals(source.pending, 1);
  }
});

Deno.test("without the capability the gate is open and no marker is accepted", () => {
  for (const name of POLICY_NAMES) {
    const source = createSourceAck(POLICIES[name], OFF);
    collectRequests(source, 3);
    assert(canSwitchover(source));
    const destination = createDestinationAck(POLICIES[name], OFF);
    awaitInitData(destination, true);
    assertEquals(acksAtReturnPath(destination), 0);
    assertEquals(approveSwitchover(destination, true), -ERRNO.EINVAL);
  }
});

Deno.test("a device without PRE_COPY is not awaited, and its marker fails the load", () => {
  for (const name of POLICY_NAMES) {
    const destination = createDestinationAck(POLICIES[name], ON);
    awaitInitData(destination, false);
    assertEquals(destination.awaited, 0);
    assertEquals(approveSwitchover(destination, false), -ERRNO.EINVAL);
  }
});

Deno.test("up to 11.0 one marker too many fails the load", () => {
  const destination = createDestinationAck(POLICIES["qemu-9.2"], ON);
  awaitInitData(destination, true);
  awaitInitData(destination, true);
  assertEquals([1, 2, 3].map(() => approveSwitchover(destination, true)), [0, 1, -ERRNO.EINVAL]);
});

Deno.test("rule: a guest that stands still does not wait for acks", () => {
  for (const name of POLICY_NAMES) {
    const source = createSourceAck(POLICIES[name], ON);
    collectRequests(source, 1);
    assert(!canSwitchover(source));
    source.guestRunning = false;
    assert(canSwitchover(source));
  }
});

Deno.test("rule: a request found by the final query fails the migration, one pending before does not", () => {
  const { policy, options } = SIDES.new;
  const source = createSourceAck(policy, options);
  const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
  cache.inPrecopy = true;
  cache.initDataSent = true;
  const pending = createPending();
  const collect = (query: typeof FINAL_QUERY) => {
    sumPending(policy, [cache], 0, query, pending);
    collectRequests(source, pending.switchoverAckPending);
    return pending.switchoverAckPending;
  };

  applyPrecopyInfo(policy, cache, 0, REINIT, options);
  assertEquals(collect(EXACT_QUERY), 1);
  source.guestRunning = false; // suspended with the ack still to come
  assertEquals(finalQueryError(source, collect(FINAL_QUERY)), undefined);
  assertEquals(source.pending, 1);

  cache.initDataSent = true;
  applyPrecopyInfo(policy, cache, 0, REINIT, options);
  assertEquals(
    finalQueryError(source, collect(FINAL_QUERY)),
    "Switchover ACK was requested by 1 devices during switchover",
  );
  assertEquals(source.pending, 2);
});

Deno.test("nobody's request fails a switchover in legacy mode or without the capability", () => {
  for (const options of [LEGACY, OFF]) {
    assertEquals(finalQueryError(createSourceAck(POLICIES["qemu-11.1"], options), 1), undefined);
  }
});

Deno.test("rule: REINIT found by the exact query shuts the gate in the same pass", () => {
  const { policy, options } = SIDES.new;
  const source = createSourceAck(policy, options);
  const cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
  cache.inPrecopy = true;
  cache.initDataSent = true;
  const pending = createPending();
  assert(canSwitchover(source));
  applyPrecopyInfo(policy, cache, 0, REINIT, options);
  sumPending(policy, [cache], 0, EXACT_QUERY, pending);
  collectRequests(source, pending.switchoverAckPending);
  assert(!canSwitchover(source));
});
