import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { accessWidth, countAccesses } from "./access.ts";

function widths(offset: number, length: number): number[] {
  const all: number[] = [];
  for (let done = 0; done < length;) {
    const width = accessWidth(offset + done, length - done);
    all.push(width);
    done += width;
  }
  return all;
}

Deno.test("an access is cut into naturally aligned ones of 8, 4, 2 and 1 bytes", () => {
  assertEquals(widths(0, 4), [4]);
  assertEquals(widths(16, 8), [8]);
  assertEquals(widths(4, 8), [4, 4]);
  assertEquals(widths(6, 11), [2, 8, 1]);
  assertEquals(widths(1, 16), [1, 2, 4, 8, 1]);
  assertEquals(widths(8, 0), []);
});

Deno.test("whatever the access, the pieces are aligned, cover it once, and are counted right", () => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(300), (offset, length) => {
    const pieces = widths(offset, length);
    let at = offset;
    for (const width of pieces) {
      assertEquals(at % width, 0);
      at += width;
    }
    assertEquals(at, offset + length);
    assertEquals(countAccesses(offset, length), pieces.length);
    // Never more small ones than alignment asks for: up to 7 bytes on each side.
    assert(pieces.filter((width) => width < 8).length <= 6);
  }));
});
