/** One side of a ring, in a Worker of its own. */

import { attachRing, type Ring } from "../ring.ts";
import { CONSUMER_WAITING_WORD, PRODUCER_WAITING_WORD } from "../ring_layout.ts";
import { claim, commit, commitHeld, tryClaim } from "../ring_produce.ts";
import { peek, release, releaseHeld, tryPeek } from "../ring_consume.ts";
import { slotA, slotB, slotBytes, slotLength, slotTag } from "../ring_slot.ts";
import { closeRing } from "../ring_end.ts";
import { RING_TIMEOUT } from "../ring_status.ts";
import { waitFor, type WaitPlan } from "../ring_wait.ts";
import {
  type EchoTask,
  type ParkTask,
  PATIENCE_MS,
  type Report,
  type StreamTask,
  type Task,
} from "./ring_task.ts";

declare const self: {
  onmessage: (event: MessageEvent<Task>) => void;
  postMessage: (report: Report) => void;
};

/** No spin, and no slice that would hide a lost wake-up. */
const PARK_AT_ONCE: WaitPlan = { spins: 0, sliceMs: Infinity };

const nap = new Int32Array(new SharedArrayBuffer(4));

/** Marsaglia's xorshift32: quick, and the same on both sides for the same seed. */
function nextRandom(state: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  return (state ^ (state << 5)) | 0;
}

/** FNV-1a, going on from `hash`. */
function hashBytes(hash: number, bytes: Uint8Array, length: number): number {
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash;
}

/** A few hundred steps of nothing, or off the processor for a moment. */
function stall(random: number): void {
  if ((random & 7) === 0) Atomics.wait(nap, 0, 0, 0.05);
  else for (let i = random & 1023; i > 0; i--) Atomics.load(nap, 0);
}

function untilPeerParks(ring: Ring, flagWord: number): void {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (Atomics.load(ring.words, flagWord) === 0 && performance.now() < deadlineMs) {
    Atomics.wait(nap, 0, 0, 1);
  }
}

/** Parks until woken. What a last look finds after all patience came without a wake-up. */
function parkUntilWoken(
  ring: Ring,
  attempt: (ring: Ring) => number,
  flagWord: number,
): number {
  const deadlineMs = performance.now() + PATIENCE_MS;
  const answer = waitFor(ring, attempt, flagWord, PATIENCE_MS, PARK_AT_ONCE);
  return performance.now() < deadlineMs ? answer : RING_TIMEOUT;
}

function produce({ buffer, count, seed, stallOneIn, afterPeerParks }: StreamTask): Report {
  const deadlineMs = performance.now() + PATIENCE_MS;
  const ring = attachRing(buffer);
  if (afterPeerParks) untilPeerParks(ring, CONSUMER_WAITING_WORD);
  let random = seed;
  let checksum = 0;
  let answer = 0;
  let sequence = 0;
  for (; sequence < count; sequence++) {
    random = nextRandom(random);
    if (stallOneIn > 0 && (random >>> 8) % stallOneIn === 0) stall(random);
    answer = claim(ring, deadlineMs - performance.now());
    if (answer < 0) break;
    const bytes = slotBytes(ring, answer);
    const length = (random >>> 16) % (ring.slotSize + 1);
    for (let i = 0; i < length; i++) bytes[i] = random + i * 31;
    const hash = hashBytes(sequence, bytes, length);
    checksum = (Math.imul(checksum, 31) + hash) | 0;
    // Some are held: until another one is told of, the ring is full or closed.
    const commitIt = (random & 3) === 0 ? commit : commitHeld;
    commitIt(ring, length, sequence, hash, ~sequence);
  }
  closeRing(ring);
  return { answer, count: sequence, checksum, waits: ring.waits };
}

function consume({ buffer, seed, stallOneIn, afterPeerParks }: StreamTask): Report {
  const deadlineMs = performance.now() + PATIENCE_MS;
  const ring = attachRing(buffer);
  if (afterPeerParks) untilPeerParks(ring, PRODUCER_WAITING_WORD);
  let random = seed;
  let checksum = 0;
  let answer = 0;
  let sequence = 0;
  for (;; sequence++) {
    answer = peek(ring, deadlineMs - performance.now());
    if (answer < 0) break;
    random = nextRandom(random);
    if (stallOneIn > 0 && (random >>> 8) % stallOneIn === 0) stall(random);
    const hash = hashBytes(sequence, slotBytes(ring, answer), slotLength(ring, answer));
    const whole = slotTag(ring, answer) === sequence && slotA(ring, answer) === hash &&
      slotB(ring, answer) === ~sequence;
    if (!whole) break;
    checksum = (Math.imul(checksum, 31) + hash) | 0;
    if ((random & 3) === 0) release(ring);
    else releaseHeld(ring);
  }
  return { answer, count: sequence, checksum, waits: ring.waits };
}

function park({ kind, buffer }: ParkTask): Report {
  const ring = attachRing(buffer);
  const answer = kind === "park-producer"
    ? parkUntilWoken(ring, tryClaim, PRODUCER_WAITING_WORD)
    : parkUntilWoken(ring, tryPeek, CONSUMER_WAITING_WORD);
  return { answer, count: 0, checksum: 0, waits: ring.waits };
}

function echo({ from, to, count, serves }: EchoTask): Report {
  const inward = attachRing(from);
  const outward = attachRing(to);
  let answer = 0;
  let round = 0;
  for (; round < count; round++) {
    if (serves) {
      claim(outward, 0);
      commit(outward, 0, round, 0, 0);
    }
    answer = parkUntilWoken(inward, tryPeek, CONSUMER_WAITING_WORD);
    if (answer < 0 || slotTag(inward, answer) !== round) break;
    release(inward);
    if (!serves) {
      claim(outward, 0);
      commit(outward, 0, round, 0, 0);
    }
  }
  return { answer, count: round, checksum: 0, waits: inward.waits };
}

function run(task: Task): Report {
  switch (task.kind) {
    case "produce":
      return produce(task);
    case "consume":
      return consume(task);
    case "park-producer":
    case "park-consumer":
      return park(task);
    case "echo":
      return echo(task);
  }
}

self.onmessage = ({ data }) => self.postMessage(run(data));
