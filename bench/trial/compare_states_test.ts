import { assertEquals } from "@std/assert";
import type { DeviceImage } from "../../core/device/mod.ts";
import { close, pwrite, regionOf } from "../../core/libc/mod.ts";
import { createStateMemory, fillState } from "../../core/device/mod.ts";
import { compareStates, firstOf, type ImagePair, type StateDifference } from "./compare_states.ts";

const MIB = 1024 * 1024;

function imageOf(size: number): DeviceImage {
  const memory = createStateMemory("compared", size);
  if (typeof memory === "number") throw new Error(`Cannot make a state: received ${memory}`);
  fillState(memory, 7);
  return { fd: memory.fd, length: size };
}

/** What so many parts find together, each by itself. */
function inParts(pairs: readonly ImagePair[], parts: number): StateDifference | null {
  return Array.from({ length: parts }, (_, part) => compareStates({ pairs, part, parts }))
    .reduce(firstOf, null);
}

function withPairs(
  sizes: readonly (readonly [number, number])[],
  test: (pairs: readonly (readonly [DeviceImage, DeviceImage])[]) => void,
): void {
  const pairs = sizes.map(([a, b]) => [imageOf(a), imageOf(b)] as const);
  try {
    test(pairs);
  } finally {
    for (const { fd } of pairs.flat()) close(fd);
  }
}

Deno.test("whatever the parts, every byte is in one of them", () => {
  const size = 3 * MIB + 5;
  const cell = regionOf(Uint8Array.of(0x5a).buffer);
  for (const parts of [1, 2, 3, 7]) {
    for (const at of [0, MIB - 1, MIB, 2 * MIB - 1, 2 * MIB, size - 1]) {
      withPairs([[size, size], [1, 1], [0, 0]], (pairs) => {
        assertEquals(inParts(pairs, parts), null);
        pwrite(pairs[0]?.[1].fd ?? -1, cell.pointer, 1, at);
        const found = inParts(pairs, parts);
        assertEquals(found?.image, 0);
        // By its block, which begins at or before it.
        assertEquals((found?.offset ?? Infinity) <= at && at - (found?.offset ?? 0) < MIB, true);
      });
    }
  }
});

Deno.test("the first difference is told, not the first that was found", () => {
  const cell = regionOf(Uint8Array.of(0x5a).buffer);
  withPairs([[4 * MIB, 4 * MIB], [4 * MIB, 4 * MIB]], (pairs) => {
    pwrite(pairs[1]?.[0].fd ?? -1, cell.pointer, 1, 0);
    assertEquals(inParts(pairs, 2), { image: 1, offset: 0 });
    pwrite(pairs[0]?.[0].fd ?? -1, cell.pointer, 1, 3 * MIB);
    assertEquals(inParts(pairs, 2), { image: 0, offset: 3 * MIB });
  });
});

Deno.test("a state of another length differs, and so does one that is not there", () => {
  withPairs([[3 * MIB, MIB]], (pairs) => {
    for (const parts of [1, 2, 3]) assertEquals(inParts(pairs, parts), { image: 0, offset: MIB });
    const [source] = pairs[0] ?? [];
    assertEquals(source && inParts([[source, null]], 2), { image: 0, offset: 0 });
  });
});
