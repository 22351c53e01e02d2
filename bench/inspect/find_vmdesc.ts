import { type VmdescSizes, vmdescSizes } from "../../core/wire/mod.ts";

/** A vmdesc is some 50 KiB; one above 8 MiB is not looked at. */
const WINDOWS = [256 * 1024, 8 * 1024 * 1024];
const VMDESC = 0x06;
/** EOF, type and length. */
const HEAD_SIZE = 6;

/**
 * Finds the vmdesc at the end of a file without reading what is before it:
 *
 * ```text
 *   ... | 00 | 06 | u32 length | JSON ... | end of the file
 * ```
 *
 * @param file A file that can be seeked; its position is moved
 * @param size How long it is
 * @returns What it says, or `undefined` where there is none that can be used
 */
export async function findVmdesc(
  file: Deno.FsFile,
  size: number,
): Promise<VmdescSizes | undefined> {
  for (const window of WINDOWS) {
    const tail = await readTail(file, size, window);
    const start = findStart(tail);
    if (start >= 0) return parse(tail.subarray(start));
    if (window >= size) break;
  }
  return undefined;
}

/** Where the JSON begins in the tail of a file, or -1. */
function findStart(tail: Uint8Array): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  // JSON is text: the last bytes that are none are the head. Its length may hold a 06 too.
  let at = tail.lastIndexOf(VMDESC);
  for (let tries = 0; tries < HEAD_SIZE && at > 0; tries++) {
    const start = at + 5;
    if (
      tail[at - 1] === 0 && start <= tail.length &&
      view.getUint32(at + 1) === tail.length - start
    ) return start;
    at = tail.lastIndexOf(VMDESC, at - 1);
  }
  return -1;
}

function parse(json: Uint8Array): VmdescSizes | undefined {
  try {
    return vmdescSizes(JSON.parse(new TextDecoder().decode(json)));
  } catch {
    return undefined;
  }
}

async function readTail(file: Deno.FsFile, size: number, window: number): Promise<Uint8Array> {
  const length = Math.min(size, window);
  await file.seek(size - length, Deno.SeekMode.Start);
  const tail = new Uint8Array(length);
  let have = 0;
  while (have < length) {
    const n = await file.read(tail.subarray(have));
    if (n === null) break;
    have += n;
  }
  return tail.subarray(0, have);
}
