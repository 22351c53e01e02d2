import {
  close,
  createIovecs,
  ERRNO,
  type Iovecs,
  lseek,
  OPEN,
  open,
  read,
  readv,
  type Region,
  SEEK,
  setIovec,
} from "../../libc/mod.ts";
import { createStateMemory, fillState } from "../simulated/state_memory.ts";
import type { Recording } from "./recording.ts";

/**
 * The bytes of a recorded stream, from its start to its end: those of its file, or where they were left out
 * made-up ones, the same ones every time.
 *
 *     made up   | block of 1 MiB | the same block | ...        in each page its number in the stream
 */
export interface RecordedBytes {
  readonly fd: number;
  readonly seed: number;
  readonly areMadeUp: boolean;
  readonly iovecs: Iovecs;
  /** How many bytes were given since the start. */
  position: number;
}

const BLOCK = 1024 * 1024;
const PAGE = 4096;
const STAMP = 4;

/** Opens them, or gives a negative errno. */
export function openRecordedBytes(recording: Recording): RecordedBytes | number {
  const { dataPath, seed } = recording;
  if (dataPath !== null) {
    const fd = open(dataPath, OPEN.O_RDONLY | OPEN.O_CLOEXEC, 0);
    return fd < 0 ? fd : attachRecordedBytes(fd, recording, 0);
  }
  const memory = createStateMemory("replay", BLOCK);
  if (typeof memory === "number") return memory;
  const filled = fillState(memory, seed);
  if (filled >= 0) return attachRecordedBytes(memory.fd, recording, 0);
  close(memory.fd);
  return filled;
}

/** The same bytes in another thread; the first one must not use them, meanwhile. */
export function attachRecordedBytes(
  fd: number,
  { dataPath, seed }: Recording,
  position: number,
): RecordedBytes {
  return { fd, seed, areMadeUp: dataPath === null, iovecs: createIovecs(1), position };
}

/** Begins again. */
export function rewindBytes(bytes: RecordedBytes): void {
  bytes.position = 0;
  lseek(bytes.fd, 0, SEEK.SEEK_SET);
}

/** Puts the next `length` bytes at the region's start; how many they were, or a negative errno. */
export function giveBytes(bytes: RecordedBytes, region: Region, length: number): number {
  const n = bytes.areMadeUp
    ? makeUp(bytes, region, length)
    : read(bytes.fd, region.pointer, length);
  if (n === 0 && length > 0) return -ERRNO.EIO; // the file has shrunk under us
  if (n > 0) bytes.position += n;
  return n;
}

function makeUp(bytes: RecordedBytes, region: Region, length: number): number {
  const { fd, iovecs, position } = bytes;
  for (let done = 0; done < length;) {
    const inBlock = (position + done) % BLOCK;
    if (inBlock === 0) lseek(fd, 0, SEEK.SEEK_SET);
    const wanted = Math.min(length - done, BLOCK - inBlock);
    setIovec(iovecs, 0, region.address + done, wanted);
    const n = readv(fd, iovecs.pointer, 1);
    if (n <= 0) return n < 0 ? n : -ERRNO.EIO;
    done += n;
  }
  stampPages(bytes, region.bytes, length);
  return length;
}

/** Gives every page its number, so that no two are alike: a page that came twice would be noticed. */
function stampPages({ seed, position }: RecordedBytes, bytes: Uint8Array, length: number): void {
  const end = position + length;
  for (let page = Math.floor(position / PAGE); page * PAGE < end; page++) {
    const stamp = page ^ seed;
    for (let i = 0; i < STAMP; i++) {
      const at = page * PAGE + i - position;
      if (at >= 0 && at < length) bytes[at] = stamp >>> (8 * i);
    }
  }
}
