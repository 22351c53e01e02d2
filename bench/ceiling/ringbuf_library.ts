/** Of ringbuf.js what is used here. */
export interface RingbufLibrary {
  readonly RingBuffer: {
    new (storage: SharedArrayBuffer, type: Uint8ArrayConstructor): Ringbuf;
    getStorageForCapacity(capacity: number, type: Uint8ArrayConstructor): SharedArrayBuffer;
  };
}

/** A ring of bytes between one producer and one consumer, which never waits. */
export interface Ringbuf {
  /** Copies in what there is room for; how many of `length` bytes that was. */
  push(from: Uint8Array, length: number, offset: number): number;
  /** Copies out what there is; how many of `length` bytes that was. */
  pop(to: Uint8Array, length: number, offset: number): number;
}

/** A variable, so that neither the type check nor the lock file looks for it. */
const SPECIFIER: string = "npm:ringbuf.js@0.4.0";

/** Fetches ringbuf.js, or takes it from Deno's cache. @throws where it cannot be had */
export async function loadRingbuf(): Promise<RingbufLibrary> {
  return await import(SPECIFIER);
}
