import { pointerOf } from "./pointer.ts";

/** The kernel's limit for one call (UIO_MAXIOV). */
export const IOV_MAX = 1024;

/**
 * A table of `struct iovec`, for reads and writes at any address without making a pointer each time.
 *
 * ```text
 *            0            8            16           24
 *   entry 0  | iov_base   | iov_len    |                u64 each, little-endian
 *   entry 1               |            | iov_base ...
 * ```
 */
export interface Iovecs {
  /** What `readv` and `writev` take. */
  readonly pointer: Deno.PointerObject;
  /** The table as 32-bit words, four per entry. It keeps the memory behind `pointer` alive. */
  readonly words: Uint32Array<ArrayBuffer>;
  /** Number of entries. */
  readonly count: number;
}

/**
 * Makes an empty table.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createIovecs, setIovec } from "./iovec.ts";
 * import { memfdCreate } from "./memfd.ts";
 * import { addressOf, pointerOf } from "./pointer.ts";
 * import { readv } from "./transfer.ts";
 *
 * const fd = memfdCreate("state");
 * const slot = new SharedArrayBuffer(65536);
 * const base = addressOf(pointerOf(slot)); // once
 * const iovecs = createIovecs(1); // once
 *
 * setIovec(iovecs, 0, base + 48, 65536 - 48); // behind a header
 * assertEquals(readv(fd, iovecs.pointer, 1), 0); // empty
 * ```
 *
 * @param count Entries, 1 to {@linkcode IOV_MAX}.
 * @throws {RangeError} For another count.
 */
export function createIovecs(count: number): Iovecs {
  if (!Number.isInteger(count) || count < 1 || count > IOV_MAX) {
    throw new RangeError(
      `Cannot use this as a number of iovecs (1 to ${IOV_MAX}): received ${count}`,
    );
  }
  const buffer = new ArrayBuffer(count * 16);
  return { pointer: pointerOf(buffer), words: new Uint32Array(buffer), count };
}

/**
 * Points an entry at `length` bytes from `address` on. The words are set as two halves each, because a
 * bigint would be allocated. Nothing checks that the bytes are there, or that they stay.
 *
 * @param address As from `addressOf`, plus any offset.
 * @param length In bytes, below 2^32.
 * @throws {RangeError} When the table has no such entry.
 */
export function setIovec(iovecs: Iovecs, index: number, address: number, length: number): void {
  if (!(index >= 0 && index < iovecs.count)) {
    throw new RangeError(
      `Cannot use this as an index into ${iovecs.count} iovecs: received ${index}`,
    );
  }
  const { words } = iovecs;
  const at = index * 4;
  // A store into a Uint32Array drops the fraction and keeps the low 32 bits.
  words[at] = address;
  words[at + 1] = address / 0x1_0000_0000;
  words[at + 2] = length;
}
