/** Per device: what is queued now, and the most that ever was; both u32. */
const DEVICE_WORDS = 2;

/** The most that can be counted for a device, in bytes: what bounds it where the user does not. */
export const MAX_QUEUED_BYTES = 3 * 1024 ** 3;

/**
 * How many bytes of each device came over the channels and are not written to it yet, in words that threads
 * share: the receiving threads add, the device's own load thread takes away.
 */
export interface QueuedBytes {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** `x-migration-max-queued-buffers-size`, for each device. */
  readonly max: number;
}

/**
 * Counts for so many devices, all 0.
 *
 * @param deviceCount How many
 * @param max In bytes; 0 = no limit but {@linkcode MAX_QUEUED_BYTES}
 */
export function createQueuedBytes(deviceCount: number, max: number): QueuedBytes {
  const words = new Int32Array(new SharedArrayBuffer(deviceCount * DEVICE_WORDS * 4));
  return { words, max: max === 0 ? MAX_QUEUED_BYTES : Math.min(max, MAX_QUEUED_BYTES) };
}

/** A buffer came; `false` where it is too much. It counts all the same: the migration is over then. */
export function addQueued({ words, max }: QueuedBytes, device: number, bytes: number): boolean {
  const at = device * DEVICE_WORDS;
  const queued = (Atomics.add(words, at, bytes) >>> 0) + bytes;
  if (queued > max) return false;
  for (;;) {
    const peak = Atomics.load(words, at + 1);
    if (peak >>> 0 >= queued) return true;
    if (Atomics.compareExchange(words, at + 1, peak, queued | 0) === peak) return true;
  }
}

/** Bytes are written to the device. */
export function subtractQueued({ words }: QueuedBytes, device: number, bytes: number): void {
  Atomics.sub(words, device * DEVICE_WORDS, bytes);
}

/** The most that was ever queued for a device, in bytes; what was too much does not count. */
export function peakQueued({ words }: QueuedBytes, device: number): number {
  return Atomics.load(words, device * DEVICE_WORDS + 1) >>> 0;
}
