import { ERRNO, pread, pwrite, type Region, regionOf } from "../../libc/mod.ts";
import type { StateMemory } from "../simulated/state_memory.ts";

/** State is copied in blocks of this size. */
const BLOCK = 1024 * 1024;

/** The block that {@linkcode copyState} copies through; null where there are no bytes to copy. */
export function copyBlock(memory: StateMemory | null): Region | null {
  return memory === null
    ? null
    : regionOf(new ArrayBuffer(Math.min(Math.max(memory.size, 1), BLOCK)));
}

/**
 * Copies the first `length` bytes of state: what a device's DMA does between its parts and the driver's
 * buffer. Does nothing where there are no bytes. Returns 0 or a negative errno.
 */
export function copyState(
  from: StateMemory | null,
  to: StateMemory | null,
  length: number,
  block: Region | null,
): number {
  if (from === null || to === null || block === null) return 0;
  for (let offset = 0; offset < length;) {
    const n = pread(from.fd, block.pointer, Math.min(block.bytes.length, length - offset), offset);
    if (n <= 0) return n < 0 ? n : -ERRNO.EIO;
    // What a short write leaves is read again: rare, and simpler than a pointer into the block.
    const written = pwrite(to.fd, block.pointer, n, offset);
    if (written <= 0) return written < 0 ? written : -ERRNO.EIO;
    offset += written;
  }
  return 0;
}
