import { ERRNO, pageStart, type Region, regionOf } from "../libc/mod.ts";
// From the files themselves: a trial's Workers wait for each module that they load.
import { attachRing, createRing, emptyRing, type Ring } from "../memory/ring.ts";
import { giveBack, heldBack, peek, release, releaseHeld, tryPeek } from "../memory/ring_consume.ts";
import { closeRing, failRing, ringFailure } from "../memory/ring_end.ts";
import { claim, commit, commitHeld, heldSlots, publish } from "../memory/ring_produce.ts";
import { slotA, slotLength, slotOffset, slotTag } from "../memory/ring_slot.ts";
import { RING_CLOSED, RING_EMPTY, RING_FAILED, RING_TIMEOUT } from "../memory/ring_status.ts";
import { MESSAGE, type Message, type Receiver, type Reply, type Sender } from "./message.ts";

/** A channel inside one process: the device is read straight into a slot, and written straight out of it. */
export interface RingEnds {
  readonly data: SharedArrayBuffer;
  readonly replies: SharedArrayBuffer;
}

/**
 * Small buffers of stop-copy are told of so many bytes at a time: beside copying them a word to another processor costs
 * little.
 */
const BYTES_AT_ONCE = 64 * 1024;
const REPLY_SLOTS = 64;
const PAGE_SIZE = 4096;

export function createRingEnds(slotCount: number, slotSize: number): RingEnds {
  const data = createRing({ slotCount, slotSize, pageStart });
  touchPages(data);
  return {
    data,
    replies: createRing({ slotCount: REPLY_SLOTS, slotSize: 64 }),
  };
}

/** Makes both rings as new, for the next who wants a channel of this shape; see `emptyRing`. */
export function emptyRingEnds({ data, replies }: RingEnds): void {
  emptyRing(data);
  emptyRing(replies);
}

/**
 * The source's end. Like a stream's, it holds small buffers of stop-copy until there are so many, or another message or
 * question follows.
 */
export function createRingSender(ends: RingEnds): Sender {
  const data = attachRing(ends.data);
  const replies = attachRing(ends.replies);
  const atOnce = slotsAtOnce(data);
  let isSwitchedOver = false;
  const regions = slotRegions(data);
  // In a typed array: a variable beyond 2^31 is allocated anew by every addition.
  const transferred = new Float64Array(1);
  return {
    capacity: data.slotSize,
    hasReturnPath: true,
    bulk: null,
    transferred: () => transferred[0] ?? 0,
    claim() {
      const slot = claim(data);
      return slot < 0 ? null : regions[slot] ?? null;
    },
    send(kind, device, length) {
      if (length > data.slotSize) return -ERRNO.EMSGSIZE;
      const slot = claim(data);
      if (slot < 0) return ringErrno(data, slot);
      commitHeld(data, length, kind, device, 0);
      isSwitchedOver ||= kind === MESSAGE.SWITCHOVER_START;
      const isBulk = isSwitchedOver && (kind === MESSAGE.DATA || kind === MESSAGE.RAM);
      if (!isBulk || heldSlots(data) >= atOnce) publish(data);
      transferred[0] = (transferred[0] ?? 0) + length;
      return 0;
    },
    pollReply(reply) {
      // Nobody answers what was not sent.
      publish(data);
      return takeReply(replies, tryPeek(replies), reply);
    },
    waitReply(reply, timeout_ms) {
      publish(data);
      return takeReply(replies, peek(replies, timeout_ms), reply);
    },
    finish: () => closeRing(data),
    close() {},
  };
}

export function createRingReceiver(ends: RingEnds): Receiver {
  const data = attachRing(ends.data);
  const replies = attachRing(ends.replies);
  const regions = slotRegions(data);
  const atOnce = slotsAtOnce(data);
  return {
    receive(message: Message) {
      const slot = peek(data);
      if (slot === RING_CLOSED) return 0;
      if (slot < 0) return ringErrno(data, slot);
      message.kind = slotTag(data, slot);
      message.device = slotA(data, slot);
      message.region = regions[slot] ?? null;
      message.offset = 0;
      message.length = slotLength(data, slot);
      return 1;
    },
    release() {
      releaseHeld(data);
      if (heldBack(data) >= atOnce) giveBack(data);
    },
    reply(kind, value) {
      const slot = claim(replies);
      if (slot < 0) return ringErrno(replies, slot);
      commit(replies, 0, kind, value, 0);
      return 0;
    },
    fail(errno) {
      failRing(data, errno);
      failRing(replies, errno);
    },
    close() {},
  };
}

/** Of a ring of few slots less than half, so that neither side has to wait for what the other one holds. */
function slotsAtOnce({ slotSize, slotCount }: Ring): number {
  return Math.max(1, Math.min(Math.floor(BYTES_AT_ONCE / slotSize), slotCount / 4));
}

/** Makes every page present now: the first pass through the ring would pay for it otherwise. */
function touchPages(buffer: SharedArrayBuffer): void {
  const words = new Int32Array(buffer);
  for (let at = 0; at < words.length; at += PAGE_SIZE / 4) words[at] = words[at] ?? 0;
}

function slotRegions(ring: Ring): Region[] {
  return Array.from(
    { length: ring.slotCount },
    (_, slot) => regionOf(ring.buffer, slotOffset(ring, slot), ring.slotSize),
  );
}

function takeReply(replies: Ring, slot: number, reply: Reply): number {
  if (slot === RING_EMPTY || slot === RING_TIMEOUT) return 0;
  if (slot < 0) return ringErrno(replies, slot);
  reply.kind = slotTag(replies, slot);
  reply.value = slotA(replies, slot);
  release(replies);
  return 1;
}

/** A failed ring carries the errno it was failed with. */
function ringErrno(ring: Ring, status: number): number {
  return status === RING_FAILED ? -ringFailure(ring) : -ERRNO.EPIPE;
}
