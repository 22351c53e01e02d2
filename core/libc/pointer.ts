/**
 * The pointer to a byte of a buffer, for calls that take one. It costs about half a microsecond, so
 * take it once per buffer or slot, not per call.
 *
 * Keep the buffer as long as the pointer is used, or an address made from it: an address keeps nothing
 * alive, and the collector frees what only C still points at. Until then the bytes do not move.
 *
 * @example
 * ```ts
 * import { pointerOf } from "./pointer.ts";
 *
 * const ring = new SharedArrayBuffer(8 * 65536);
 * const slots = Array.from({ length: 8 }, (_, index) => pointerOf(ring, index * 65536));
 * ```
 *
 * @throws {RangeError} When `byteOffset` is not inside the buffer.
 */
export function pointerOf(buffer: ArrayBufferLike, byteOffset = 0): Deno.PointerObject {
  if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset >= buffer.byteLength) {
    throw new RangeError(
      `Cannot take a pointer into a buffer of ${buffer.byteLength} bytes: received offset ${byteOffset}`,
    );
  }
  const pointer = Deno.UnsafePointer.of(new Uint8Array(buffer, byteOffset));
  if (pointer === null) throw new TypeError("Cannot take a pointer into a buffer: received null");
  return pointer;
}

/**
 * How many bytes behind a buffer's start its first page of memory begins, 0 to 4095. Where V8 puts a buffer is its own
 * affair: one of 64 KiB lies anywhere, one of 1 MiB 16 bytes behind a page. The kernel's copies from there and to there
 * take 2 to 4 % longer than those on a page.
 */
export function pageStart(buffer: ArrayBufferLike): number {
  const behind = addressOf(pointerOf(buffer)) % PAGE_SIZE;
  return behind === 0 ? 0 : PAGE_SIZE - behind;
}

const PAGE_SIZE = 4096;

/** The address behind a pointer. User space ends far below 2^53, so a number holds it exactly. */
export function addressOf(pointer: Deno.PointerObject): number {
  return Number(Deno.UnsafePointer.value(pointer));
}
