import { assert, assertEquals } from "@std/assert";
import { advanceSweep, createDirtySweep, pushSweep } from "./dirty_sweep.ts";
import { guestWritesNs, writeStretch, writeVisited } from "./guest_writes.ts";
import { closeStateMemory, type StateMemory } from "./state_memory.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

const CHUNK = 4096;

function withMemory(chunks: number, use: (memory: StateMemory) => void): void {
  const memory = memoryOf(chunks * CHUNK, null);
  try {
    use(memory);
  } finally {
    closeStateMemory(memory);
  }
}

/** The chunks that are not zeros. */
function written(memory: StateMemory): number[] {
  const bytes = bytesOf(memory);
  return Array.from({ length: bytes.length / CHUNK }, (_, at) => at)
    .filter((at) => bytes.subarray(at * CHUNK, (at + 1) * CHUNK).some((byte) => byte !== 0));
}

Deno.test("each visited chunk is written to, also where the sweep goes round", () =>
  withMemory(8, (memory) => {
    const sweep = createDirtySweep(2 * CHUNK, 4 * CHUNK, CHUNK, 1e9);
    writeVisited(memory, sweep, pushSweep(sweep, 3));
    assertEquals(written(memory), [2, 3, 4]);
    writeVisited(memory, sweep, pushSweep(sweep, 2));
    assertEquals(written(memory), [2, 3, 4, 5]);
    // More visits than there are chunks: each once, and as the last of them left it.
    writeVisited(memory, sweep, pushSweep(sweep, 1000));
    assertEquals(new DataView(bytesOf(memory).buffer).getUint32(2 * CHUNK, true), 1004);
  }));

Deno.test("what the writes take is added up, and where there are none nothing is", () =>
  withMemory(256, (memory) => {
    const sweep = createDirtySweep(0, 256 * CHUNK, CHUNK, 0);
    const before = guestWritesNs();
    writeVisited(memory, sweep, advanceSweep(sweep, 1e9));
    assertEquals(guestWritesNs(), before);
    writeVisited(memory, sweep, pushSweep(sweep, 256));
    const after = guestWritesNs();
    assert(after > before);
    writeStretch(memory, sweep, 256 * CHUNK, 1);
    assert(guestWritesNs() > after);
  }));

Deno.test("a stretch is written to from the start to its end", () =>
  withMemory(8, (memory) => {
    const sweep = createDirtySweep(0, 8 * CHUNK, CHUNK, 0);
    writeStretch(memory, sweep, 3 * CHUNK + 1, 7);
    assertEquals(written(memory), [0, 1, 2, 3]);
    // One byte of the last chunk was in it.
    assertEquals(
      bytesOf(memory).subarray(3 * CHUNK + 1, 4 * CHUNK).every((byte) => byte === 0),
      true,
    );
  }));
