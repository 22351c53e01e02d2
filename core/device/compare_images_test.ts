import { assertEquals, assertThrows } from "@std/assert";
import { pwrite, regionOf } from "../libc/mod.ts";
import { compareImages } from "./compare_images.ts";
import { closeStateMemory, stateImage, type StateMemory } from "./simulated/state_memory.ts";
import { memoryOf } from "./simulated/testdata/memory.ts";

const MIB = 1024 * 1024;
const BLOCK = 256 * 1024;

function compare(a: StateMemory, b: StateMemory): number {
  const [left, right] = [stateImage(a), stateImage(b)];
  if (left === null || right === null) throw new TypeError("Cannot compare a closed state");
  return compareImages(left, right);
}

function withMemories(
  sizes: readonly [number, number],
  test: (a: StateMemory, b: StateMemory) => void,
): void {
  const [a, b] = [memoryOf(sizes[0], 1), memoryOf(sizes[1], 1)];
  try {
    test(a, b);
  } finally {
    closeStateMemory(a);
    closeStateMemory(b);
  }
}

Deno.test("equal images are equal, empty ones too", () => {
  for (const size of [0, 1, 4 * MIB, 9 * MIB + 7]) {
    withMemories([size, size], (a, b) => {
      assertEquals(compare(a, b), -1);
    });
  }
});

Deno.test("one differing byte is found, wherever it is, by its block", () => {
  const size = 9 * MIB + 7;
  const cell = regionOf(Uint8Array.of(0x5a).buffer);
  for (
    const [at, block] of [[0, 0], [4 * MIB - 1, 4 * MIB - BLOCK], [4 * MIB, 4 * MIB], [
      size - 1,
      9 * MIB,
    ]]
  ) {
    withMemories([size, size], (a, b) => {
      pwrite(a.fd, cell.pointer, 1, at ?? 0);
      assertEquals(compare(a, b), block);
    });
  }
});

Deno.test("an image that is longer differs where the other ends", () => {
  withMemories([5000, 4000], (a, b) => {
    assertEquals([compare(a, b), compare(b, a)], [4000, 4000]);
  });
});

Deno.test("an image that cannot be read is no answer but an error", () => {
  withMemories([5000, 5000], (a, b) => {
    const longer = { fd: a.fd, length: 6000 };
    const other = { fd: b.fd, length: 6000 };
    assertThrows(() => compareImages(longer, other), Error, "received 5000 of 6000 bytes");
    assertThrows(() => compareImages({ fd: -1, length: 1 }, other), Error, "received -9 of 1");
  });
});
