import { ERRNO, pread, regionOf } from "../../libc/mod.ts";
import { crc32 } from "./crc32.ts";
import type { StateMemory } from "./state_memory.ts";

/** CRC-32 of the whole state, as gzip has it, or a negative errno. */
export function checksumOf(memory: StateMemory): number {
  const block = regionOf(new ArrayBuffer(BLOCK));
  let sum = 0;
  for (let offset = 0; offset < memory.size;) {
    const n = pread(memory.fd, block.pointer, Math.min(BLOCK, memory.size - offset), offset);
    if (n <= 0) return n < 0 ? n : -ERRNO.EIO;
    sum = crc32(block.bytes.subarray(0, n), sum);
    offset += n;
  }
  return sum;
}

const BLOCK = 1024 * 1024;
