import { addressOf, pointerOf } from "./pointer.ts";

/**
 * A stretch of memory in every form that its users need, made once at setup: bytes for JavaScript, a
 * pointer for system calls at its start, an address for iovecs anywhere in it.
 */
export interface Region {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly pointer: Deno.PointerObject;
  readonly address: number;
}

/** The region of `length` bytes at `byteOffset` in a buffer, to its end by default. It must outlive the region's use. */
export function regionOf(
  buffer: ArrayBufferLike,
  byteOffset = 0,
  length = buffer.byteLength - byteOffset,
): Region {
  const pointer = pointerOf(buffer, byteOffset);
  return {
    bytes: new Uint8Array(buffer, byteOffset, length),
    view: new DataView(buffer, byteOffset, length),
    pointer,
    address: addressOf(pointer),
  };
}
