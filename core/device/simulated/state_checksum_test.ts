import { assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { ERRNO } from "../../libc/mod.ts";
import { checksumOf } from "./state_checksum.ts";
import { closeStateMemory, createStateMemory, touchState } from "./state_memory.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

Deno.test("the checksum is the CRC-32 of every byte, beyond one block too", () => {
  for (const size of [1, 4096, 1024 * 1024 + 5]) {
    const memory = memoryOf(size, 3);
    assertEquals(checksumOf(memory), crc32(bytesOf(memory)));
    const before = checksumOf(memory);
    touchState(memory, size - 1, 1, 0xff ^ (bytesOf(memory)[size - 1] ?? 0));
    assertEquals(checksumOf(memory) === before, false);
    closeStateMemory(memory);
  }
});

Deno.test("an empty state has the checksum of nothing, a closed one an errno", () => {
  const memory = createStateMemory("empty", 0);
  if (typeof memory === "number") throw new Error(`received ${memory}`);
  assertEquals(checksumOf(memory), 0);
  closeStateMemory(memory);
  assertEquals(checksumOf({ ...memory, size: 1 }), -ERRNO.EBADF);
});
