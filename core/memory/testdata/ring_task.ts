/** What a test asks of `ring_worker.ts`, and what it answers. */

/** Longest a task takes, in milliseconds: a broken ring fails a test and does not hang it. */
export const PATIENCE_MS = 20_000;

/** Produce or consume `count` slots, each with its sequence number and a checksum. */
export interface StreamTask {
  readonly kind: "produce" | "consume";
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  /** Of lengths, bytes and stalls. Both sides of a stream may have their own. */
  readonly seed: number;
  /** Stall before one slot in this many; 0 for never. */
  readonly stallOneIn: number;
  /** Begin only when the peer is parked, so that it is certain to have waited. */
  readonly afterPeerParks: boolean;
}

/** Wait once, without a spin, and so that nothing but the peer's wake-up ends it. */
export interface ParkTask {
  readonly kind: "park-producer" | "park-consumer";
  readonly buffer: SharedArrayBuffer;
}

/** Send a slot through `to` for each from `from`, `count` times. One side serves. */
export interface EchoTask {
  readonly kind: "echo";
  readonly from: SharedArrayBuffer;
  readonly to: SharedArrayBuffer;
  readonly count: number;
  readonly serves: boolean;
}

export type Task = StreamTask | ParkTask | EchoTask;

export interface Report {
  /** The last slot or status the ring gave; `RING_TIMEOUT` where the peer did not wake us. */
  readonly answer: number;
  /** Slots that passed every check. */
  readonly count: number;
  /** Over the bytes of all of them, in order. */
  readonly checksum: number;
  /** `ring.waits` of this side. */
  readonly waits: number;
}

/** The buffers of a task's rings. */
export function buffersOf(task: Task): readonly SharedArrayBuffer[] {
  return task.kind === "echo" ? [task.from, task.to] : [task.buffer];
}
