import { assertEquals } from "@std/assert";
import * as zlib from "node:zlib";
import { crc32 } from "./crc32.ts";

Deno.test("crc32 is zlib's, for every length and alignment, at once and in pieces", () => {
  const all = Uint8Array.from({ length: 300 }, (_, i) => (i * 167 + (i >> 3)) & 0xff);
  for (let from = 0; from < 9; from++) {
    for (let to = from; to < 60; to++) {
      const bytes = all.subarray(from, to);
      assertEquals(crc32(bytes), zlib.crc32(bytes));
      const cut = from + Math.floor((to - from) / 3);
      assertEquals(crc32(all.subarray(cut, to), crc32(all.subarray(from, cut))), zlib.crc32(bytes));
    }
  }
  assertEquals(crc32(all), zlib.crc32(all));
});
