/// <reference lib="deno.worker" />
/**
 * One side of `ringbuf.ts`.
 * @module
 */
import {
  check,
  lseek,
  monotonicNs,
  read,
  type Region,
  regionOf,
  SEEK,
  write,
} from "../../core/libc/mod.ts";
import { loadRingbuf, type Ringbuf } from "./ringbuf_library.ts";

export interface ToRingbuf {
  readonly role: "produce" | "consume";
  /** The state's. */
  readonly fd: number;
  readonly bufferSize: number;
  readonly bytes: number;
  readonly storage: SharedArrayBuffer;
}

export interface FromRingbuf {
  readonly beganNs: number;
  readonly endedNs: number;
}

// The library does not wait, so its user does: it spins, as two threads on two processors can.
const atomics: Atomics & { readonly pause?: () => void } = Atomics;
const pause = atomics.pause ?? (() => {});

self.onmessage = async ({ data: plan }: MessageEvent<ToRingbuf>) => {
  const { RingBuffer } = await loadRingbuf();
  const ring = new RingBuffer(plan.storage, Uint8Array);
  const buffer = regionOf(new ArrayBuffer(plan.bufferSize));
  self.onmessage = () => {
    check(lseek(plan.fd, 0, SEEK.SEEK_SET), "lseek", "go to the state's start");
    const beganNs = monotonicNs();
    if (plan.role === "produce") produce(ring, buffer, plan);
    else consume(ring, buffer, plan);
    tell({ beganNs, endedNs: monotonicNs() });
  };
  tell({ beganNs: 0, endedNs: 0 });
};

function produce(ring: Ringbuf, { bytes, pointer }: Region, plan: ToRingbuf): void {
  for (let left = plan.bytes; left > 0;) {
    const n = check(read(plan.fd, pointer, bytes.length), "read", "read the state");
    for (let done = 0; done < n;) {
      const pushed = ring.push(bytes, n - done, done);
      if (pushed === 0) pause();
      done += pushed;
    }
    left -= n;
  }
}

function consume(ring: Ringbuf, { bytes, pointer }: Region, plan: ToRingbuf): void {
  for (let left = plan.bytes; left > 0;) {
    const n = ring.pop(bytes, bytes.length, 0);
    if (n === 0) pause();
    else check(write(plan.fd, pointer, n), "write", "write the state");
    left -= n;
  }
}

function tell(message: FromRingbuf): void {
  self.postMessage(message);
}
