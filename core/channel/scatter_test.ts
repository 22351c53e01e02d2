import { assertEquals, assertThrows } from "@std/assert";
import { close, ERRNO, pipe, regionOf, write } from "../libc/mod.ts";
import { askFor, createScatter, nextChunk, readScattered, type Scatter } from "./scatter.ts";

/** What a read of these bytes gives, stretch by stretch. */
function chunksOf(scatter: Scatter, sent: readonly number[]): number[][] {
  const ends = pipe();
  if (typeof ends === "number") throw new Error(`pipe: ${ends}`);
  const bytes = regionOf(Uint8Array.from(sent).buffer);
  write(ends[1], bytes.pointer, sent.length);
  assertEquals(readScattered(ends[0], scatter), sent.length);
  const chunks: number[][] = [];
  do chunks.push([...scatter.chunk.bytes.subarray(0, scatter.end)]); while (nextChunk(scatter));
  for (const fd of ends) close(fd);
  return chunks;
}

function scatterOf(...lengths: number[]): Scatter {
  const scatter = createScatter(lengths.map((length) => regionOf(new ArrayBuffer(length))));
  scatter.lengths.set(lengths);
  return scatter;
}

Deno.test("stretches are filled in their order, each as far as it was asked to be", () => {
  const scatter = scatterOf(2, 8, 2);
  scatter.lengths[1] = 3;
  askFor(scatter, 0, 3);
  assertEquals(chunksOf(scatter, [1, 2, 3, 4, 5, 6, 7]), [[1, 2], [3, 4, 5], [6, 7]]);
});

Deno.test("what comes may end in any of them", () => {
  const scatter = scatterOf(2, 3, 2);
  askFor(scatter, 0, 3);
  const sent = [1, 2, 3, 4, 5, 6, 7];
  const whole = [[1, 2], [3, 4, 5], [6, 7]];
  for (let n = 1; n <= sent.length; n++) {
    const chunks = chunksOf(scatter, sent.slice(0, n));
    assertEquals(chunks.flat(), sent.slice(0, n));
    assertEquals(chunks, whole.slice(0, chunks.length - 1).concat([chunks.at(-1) ?? []]));
  }
});

Deno.test("some stretches can be left out", () => {
  const scatter = scatterOf(2, 3, 2);
  askFor(scatter, 1, 1);
  assertEquals(chunksOf(scatter, [1, 2, 3]), [[1, 2, 3]]);
  askFor(scatter, 1, 2);
  assertEquals(chunksOf(scatter, [1, 2, 3, 4]), [[1, 2, 3], [4]]);
});

Deno.test("after the end of what was read, or a read that failed, there is no chunk", () => {
  const scatter = scatterOf(2);
  askFor(scatter, 0, 1);
  assertEquals(nextChunk(scatter), false);
  assertEquals(readScattered(-1, scatter), -ERRNO.EBADF);
  assertEquals([scatter.end, nextChunk(scatter)], [0, false]);
});

Deno.test("nothing cannot be read into", () => {
  assertThrows(() => createScatter([]), RangeError, "received none");
});
