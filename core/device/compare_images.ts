import { ERRNO, memcmp, pread, type Region, regionOf } from "../libc/mod.ts";
import type { DeviceImage } from "./device.ts";
import { differenceOf } from "./replayed/stream_verdict.ts";

/** Two of them stay in a processor's own cache, where they are compared. */
const BLOCK = 256 * 1024;
/** One pair for all that this thread compares: what a Worker lets go is not soon given back. */
let blocks: readonly [Region, Region] | null = null;

/**
 * Compares what two devices hold, byte for byte. Returns -1 where it is the same, else the offset of the
 * first block that differs, or of the end of the shorter one. Throws where an image cannot be read: then
 * nothing is known.
 *
 * Where `b` compared its bytes itself, as they came, its verdict holds, whatever the stretch.
 *
 * @param from Where to begin, in bytes
 * @param to Where to end; at the longer one's end unless given
 */
export function compareImages(
  a: DeviceImage,
  b: DeviceImage,
  from = 0,
  to: number = Math.max(a.length, b.length),
): number {
  if (b.checked !== undefined && a.length === b.length) return differenceOf(b.checked, b.length);
  const common = Math.min(a.length, b.length);
  const [left, right] = blocks ??= [
    regionOf(new ArrayBuffer(BLOCK)),
    regionOf(new ArrayBuffer(BLOCK)),
  ];
  const end = Math.min(to, common);
  for (let offset = from; offset < end; offset += BLOCK) {
    const n = Math.min(BLOCK, end - offset);
    readBlock(a.fd, left.pointer, n, offset);
    readBlock(b.fd, right.pointer, n, offset);
    if (memcmp(left.pointer, right.pointer, n) !== 0) return offset;
  }
  return to > common ? Math.max(from, common) : -1;
}

function readBlock(fd: number, pointer: Deno.PointerObject, length: number, offset: number): void {
  let n: number;
  do n = pread(fd, pointer, length, offset); while (n === -ERRNO.EINTR);
  if (n !== length) {
    throw new Error(`Cannot read a device's state at ${offset}: received ${n} of ${length} bytes`);
  }
}
