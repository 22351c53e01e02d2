import {
  attachStateMemory,
  createStateMemory,
  type StateMemory,
} from "../../core/device/simulated/state_memory.ts";
import { close, dup, lseek, SEEK } from "../../core/libc/mod.ts";

/** Memory that has no content yet, as plain data from thread to thread: its fd is the process's. */
export interface SpareMemory {
  readonly fd: number;
  readonly size: number;
}

/** Where the devices of one Worker get the memory that their states are in. */
export interface StateSupply {
  /** Memory of this size, or a negative errno. What is in it is nobody's business: fill it, or zero it. */
  take(name: string, size: number): StateMemory | number;
  /** All that was taken. */
  readonly taken: readonly SpareMemory[];
}

/**
 * Gives what is spare, each once, and makes what is not. To get the pages of 64 MiB from the kernel and to give them
 * back takes four times as long as to write them.
 *
 * @param spare Stays its owner's: what is taken of it has an fd of its own
 */
export function createStateSupply(spare: readonly SpareMemory[]): StateSupply {
  const left = [...spare];
  const taken: SpareMemory[] = [];
  return {
    taken,
    take(name, size) {
      const at = left.findIndex((memory) => memory.size === size);
      const [fitting] = at < 0 ? [] : left.splice(at, 1);
      const memory = fitting === undefined ? createStateMemory(name, size) : takeOver(fitting);
      if (typeof memory !== "number") taken.push({ fd: memory.fd, size });
      return memory;
    },
  };
}

function takeOver({ fd: spareFd, size }: SpareMemory): StateMemory | number {
  const fd = dup(spareFd);
  if (fd < 0) return fd;
  // Both fds share one position, which is where its last user left it.
  const sought = lseek(fd, 0, SEEK.SEEK_SET);
  if (sought >= 0) return attachStateMemory({ fd, size, position: 0 });
  close(fd);
  return sought;
}
