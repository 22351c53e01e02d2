import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { areaAt, readSparseMmap, stretchLength, writeSparseMmap } from "./mmap_area.ts";

Deno.test("the sparse mmap capability has the kernel's layout", () => {
  const bytes = new Uint8Array(4 + 48).fill(0xee);
  const view = new DataView(bytes.buffer);
  const areas = [{ offset: 0x1000, size: 0x2000 }, { offset: 0x1_0000_0000, size: 0x1000 }];
  writeSparseMmap(view, 4, areas);
  // deno-fmt-ignore
  assertEquals([...bytes], [
    0xee, 0xee, 0xee, 0xee,
    1, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0,
    0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0,
  ]);
  assertEquals(readSparseMmap(view, 4), areas);
});

Deno.test("an area without a size is left out, and areas that are not there throw", () => {
  const view = new DataView(new ArrayBuffer(32));
  writeSparseMmap(view, 0, [{ offset: 4096, size: 0 }]);
  assertEquals(readSparseMmap(view, 0), []);
  view.setUint32(8, 2, true);
  assertThrows(() => readSparseMmap(view, 0), RangeError);
});

Deno.test("a stretch is all in one area, or all in none, and as long as can be", () => {
  const area = fc.record({ gap: fc.nat(20), size: fc.integer({ min: 1, max: 20 }) });
  fc.assert(fc.property(
    fc.array(area, { maxLength: 4 }),
    fc.boolean(),
    fc.nat(200),
    fc.integer({ min: 1, max: 200 }),
    (gaps, reversed, offset, length) => {
      let at = 10;
      const areas = gaps.map(({ gap, size }) => {
        const offset = at + gap;
        at = offset + size;
        return { offset, size };
      });
      // The kernel's list is in no order.
      if (reversed) areas.reverse();
      const n = stretchLength(areas, offset, length);
      assert(n >= 1 && n <= length);
      const index = areaAt(areas, offset);
      for (let i = 0; i < n; i++) assertEquals(areaAt(areas, offset + i), index);
      if (n < length) assert(areaAt(areas, offset + n) !== index);
    },
  ));
});
