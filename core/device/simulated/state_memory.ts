import {
  close,
  createIovecs,
  fallocate,
  type Iovecs,
  lseek,
  memfdCreate,
  pwrite,
  read,
  readv,
  type Region,
  regionOf,
  SEEK,
  setIovec,
  write,
  writev,
} from "../../libc/mod.ts";
import type { DeviceImage } from "../device.ts";

/**
 * A simulated device's state: real bytes behind a file descriptor, so that moving them costs what moving
 * a real device's costs, one kernel copy each way.
 */
export interface StateMemory {
  /** -1 once it is closed: the number may be somebody else's by then. */
  fd: number;
  readonly size: number;
  /** Where the fd's file position is: sequential access needs no lseek. */
  position: number;
  readonly iovecs: Iovecs;
  /** Eight bytes for a guest's write. */
  readonly cell: Region;
}

/**
 * Allocates `size` bytes, or gives a negative errno. The pages are allocated and not yet touched: fill the
 * state, or zero it, before anything is timed.
 */
export function createStateMemory(name: string, size: number): StateMemory | number {
  const fd = memfdCreate(name);
  if (fd < 0) return fd;
  const result = size > 0 ? fallocate(fd, 0, 0, size) : 0;
  if (result < 0) {
    close(fd);
    return result;
  }
  return attachStateMemory({ fd, size, position: 0 });
}

/** What another thread needs of a memory to use it; the first one must not, meanwhile: they share the position. */
export type StateMemoryHandover = Pick<StateMemory, "fd" | "size" | "position">;

/** The same memory in another thread. */
export function attachStateMemory({ fd, size, position }: StateMemoryHandover): StateMemory {
  const cell = regionOf(new ArrayBuffer(8));
  return { fd, size, position, iovecs: createIovecs(1), cell };
}

/** Reads state into the region at `at`. Returns the bytes read, or a negative errno. */
export function loadState(
  memory: StateMemory | null,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  if (memory === null || region === null) return length;
  const sought = seekTo(memory, offset);
  if (sought < 0) return sought;
  let n: number;
  if (at === 0) {
    n = read(memory.fd, region.pointer, length);
  } else {
    setIovec(memory.iovecs, 0, region.address + at, length);
    n = readv(memory.fd, memory.iovecs.pointer, 1);
  }
  if (n > 0) memory.position += n;
  return n;
}

/** Writes state from the region at `at`. Returns the bytes written, or a negative errno. */
export function storeState(
  memory: StateMemory | null,
  region: Region | null,
  at: number,
  offset: number,
  length: number,
): number {
  if (memory === null || region === null) return length;
  const sought = seekTo(memory, offset);
  if (sought < 0) return sought;
  let n: number;
  if (at === 0) {
    n = write(memory.fd, region.pointer, length);
  } else {
    setIovec(memory.iovecs, 0, region.address + at, length);
    n = writev(memory.fd, memory.iovecs.pointer, 1);
  }
  if (n > 0) memory.position += n;
  return n;
}

/** The guest's write: eight bytes at the offset, `value` among them; fewer where `room` is less. */
export function touchState(
  memory: StateMemory | null,
  offset: number,
  room: number,
  value: number,
): void {
  if (memory === null) return;
  memory.cell.view.setUint32(0, value % 2 ** 32, true);
  memory.cell.view.setUint32(4, Math.floor(offset / 4096) % 2 ** 32, true);
  pwrite(memory.fd, memory.cell.pointer, Math.min(8, room), offset);
}

/** Fills the state with bytes that no two pages share, from a seed. */
export function fillState(memory: StateMemory, seed: number): number {
  const block = regionOf(new ArrayBuffer(FILL_BLOCK));
  const words = new Uint32Array(block.bytes.buffer);
  let x = (seed >>> 0) || 1;
  for (let i = 0; i < words.length; i++) {
    // xorshift32: cheap, and good enough for bytes that only have to differ.
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return writeBlocks(memory, block, (offset, length) => {
    for (let page = 0; page < length / PAGE; page++) {
      words[page * (PAGE / 4)] = (offset / PAGE + page) ^ seed;
    }
  });
}

/**
 * Writes zeros to the whole state. A page that is only allocated is touched first by whoever writes to it,
 * and the first pass over such pages took 3 to 5 times as long: not what a device's own memory does.
 */
export function zeroState(memory: StateMemory): number {
  return writeBlocks(memory, regionOf(new ArrayBuffer(FILL_BLOCK)), () => {});
}

/** Writes the block over the whole state, prepared anew for each place. */
function writeBlocks(
  memory: StateMemory,
  block: Region,
  prepare: (offset: number, length: number) => void,
): number {
  for (let offset = 0; offset < memory.size; offset += FILL_BLOCK) {
    const length = Math.min(FILL_BLOCK, memory.size - offset);
    prepare(offset, length);
    const n = pwrite(memory.fd, block.pointer, length, offset);
    if (n < 0) return n;
  }
  return 0;
}

/** The state as an image; null where there are no bytes, or not any more. */
export function stateImage(memory: StateMemory | null): DeviceImage | null {
  return memory === null || memory.fd < 0 ? null : { fd: memory.fd, length: memory.size };
}

/** Closes the fd; again does nothing. */
export function closeStateMemory(memory: StateMemory): void {
  if (memory.fd >= 0) close(memory.fd);
  memory.fd = -1;
}

/** Small enough to stay in a processor's own cache while it is written over and over. */
const FILL_BLOCK = 128 * 1024;
const PAGE = 4096;

function seekTo(memory: StateMemory, offset: number): number {
  if (memory.position === offset) return 0;
  const sought = lseek(memory.fd, offset, SEEK.SEEK_SET);
  if (sought < 0) return sought;
  memory.position = offset;
  return 0;
}
