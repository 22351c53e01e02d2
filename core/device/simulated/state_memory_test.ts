import { assertEquals } from "@std/assert";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import {
  closeStateMemory,
  createStateMemory,
  fillState,
  loadState,
  stateImage,
  type StateMemory,
  storeState,
  touchState,
  zeroState,
} from "./state_memory.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

function withMemory(size: number, seed: number | null, test: (memory: StateMemory) => void): void {
  const memory = memoryOf(size, seed);
  try {
    test(memory);
  } finally {
    closeStateMemory(memory);
  }
}

Deno.test("state is read and written at any offset, in any order, anywhere in a region", () => {
  withMemory(1000, null, (memory) => {
    const region = regionOf(Uint8Array.of(1, 2, 3, 4, 5).buffer);
    assertEquals(storeState(memory, region, 0, 900, 5), 5);
    assertEquals(storeState(memory, region, 3, 0, 2), 2);
    assertEquals(storeState(memory, region, 1, 2, 1), 1);
    assertEquals([...bytesOf(memory).subarray(0, 4)], [4, 5, 2, 0]);
    const read = regionOf(new ArrayBuffer(4));
    assertEquals(loadState(memory, read, 1, 902, 3), 3);
    assertEquals(loadState(memory, read, 0, 1, 1), 1);
    assertEquals([...read.bytes], [5, 3, 4, 5]);
  });
});

Deno.test("a read at the end of the state gives what there is", () => {
  withMemory(1000, null, (memory) => {
    const region = regionOf(new ArrayBuffer(64));
    assertEquals(loadState(memory, region, 0, 990, 64), 10);
    assertEquals(loadState(memory, region, 0, 1000, 64), 0);
  });
});

Deno.test("without memory or region all bytes count as moved", () => {
  assertEquals(loadState(null, null, 0, 0, 77), 77);
  assertEquals(storeState(null, null, 0, 0, 77), 77);
});

Deno.test("no two pages of a filled state are the same, and the seed decides", () => {
  const size = 3 * 1024 * 1024 + 4096 + 5;
  withMemory(size, 7, (memory) => {
    const bytes = bytesOf(memory);
    assertEquals(bytes.length, size);
    const pages = new Set<string>();
    for (let at = 0; at < size; at += 4096) pages.add(bytes.subarray(at, at + 16).toHex());
    assertEquals(pages.size, Math.ceil(size / 4096));
    withMemory(size, 7, (same) => assertEquals(bytesOf(same).toHex() === bytes.toHex(), true));
    withMemory(size, 8, (other) => assertEquals(bytesOf(other).toHex() === bytes.toHex(), false));
    assertEquals(zeroState(memory), 0);
    assertEquals(bytesOf(memory).every((byte) => byte === 0), true);
  });
});

Deno.test("a touch changes eight bytes, or fewer where there is less room", () => {
  withMemory(16, null, (memory) => {
    touchState(memory, 0, 3, 0xffffffff);
    touchState(memory, 8, 100, 2 ** 32 + 1);
    assertEquals([...bytesOf(memory)], [255, 255, 255, 0, 0, 0, 0, 0, 1, ...new Array(7).fill(0)]);
  });
});

Deno.test("a closed state has no image, and closing again closes nothing", () => {
  const memory = memoryOf(10, null);
  assertEquals(stateImage(memory), { fd: memory.fd, length: 10 });
  closeStateMemory(memory);
  closeStateMemory(memory);
  assertEquals(stateImage(memory), null);
  assertEquals(stateImage(null), null);
  assertEquals(fillState(memory, 1), -ERRNO.EBADF);
});

Deno.test("a state that cannot be made gives a negative errno", () => {
  assertEquals(createStateMemory("x".repeat(300), 10), -ERRNO.EINVAL);
  assertEquals(createStateMemory("negative", 0.5), -ERRNO.EINVAL);
});
