import { assertEquals, assertThrows } from "@std/assert";
import { copyBytes, createDataSection, DATA_SECTION_OFFSET } from "./data_section.ts";

Deno.test("a region without room for data, and an area outside of the data section, are refused", () => {
  for (const size of [0, DATA_SECTION_OFFSET, 5000.5, NaN]) {
    assertThrows(() => createDataSection(size, false, false), RangeError, `received ${size}`);
  }
  for (
    const area of [
      { offset: 0, size: 4096 },
      { offset: DATA_SECTION_OFFSET, size: 101 },
      { offset: DATA_SECTION_OFFSET, size: 0 },
    ]
  ) {
    assertThrows(
      () => createDataSection(DATA_SECTION_OFFSET + 100, [area], false),
      RangeError,
      "Cannot map a part of the data section",
    );
  }
});

Deno.test("without bytes there are windows and nothing in them", () => {
  const section = createDataSection(DATA_SECTION_OFFSET + 100, true, false);
  assertEquals(section.windows, [{ offset: DATA_SECTION_OFFSET, length: 100, region: null }]);
  assertEquals(section.region, null);
});

Deno.test("bytes are copied from and to where they should, all of them and some", () => {
  const from = Uint8Array.of(1, 2, 3, 4);
  const to = new Uint8Array(6);
  copyBytes(from, 0, to, 1, 4);
  assertEquals([...to], [0, 1, 2, 3, 4, 0]);
  copyBytes(from, 0, to, 4, 2);
  assertEquals([...to], [0, 1, 2, 3, 1, 2]);
  copyBytes(from, 2, to, 0, 2);
  assertEquals([...to], [3, 4, 2, 3, 1, 2]);
});
