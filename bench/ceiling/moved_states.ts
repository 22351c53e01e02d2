import {
  compareImages,
  createStateMemory,
  type DeviceImage,
  fillState,
  type StateMemory,
  zeroState,
} from "../../core/device/mod.ts";
import { check } from "../../core/libc/mod.ts";

/** The two states of a rival that is written in TypeScript. */
export interface MovedStates {
  readonly source: StateMemory;
  readonly destination: StateMemory;
}

/** Makes a state with bytes in it and one to be written, every page of both touched. */
export function makeStates(bytes: number): MovedStates {
  return {
    source: makeState("source", bytes, true),
    destination: makeState("destination", bytes, false),
  };
}

function makeState(name: string, bytes: number, isFilled: boolean): StateMemory {
  const memory = createStateMemory(name, bytes);
  if (typeof memory === "number") {
    check(memory, "fallocate", `hold ${bytes} bytes of a ${name}`);
    throw new Error("unreachable");
  }
  check(isFilled ? fillState(memory, 1) : zeroState(memory), "pwrite", `fill a ${name}`);
  return memory;
}

/**
 * Says how long the state took, as a rival does.
 *
 * @throws {Error} Where the destination has other bytes: what moved the wrong ones has no numbers
 */
export function sayMoved(
  { source, destination }: MovedStates,
  beganNs: number,
  endedNs: number,
): void {
  const offset = compareImages(imageOf(source), imageOf(destination));
  if (offset >= 0) throw new Error(`The destination's bytes differ at ${offset}`);
  console.log(JSON.stringify({ bytes: source.size, seconds: (endedNs - beganNs) / 1e9 }));
}

function imageOf({ fd, size }: StateMemory): DeviceImage {
  return { fd, length: size };
}
