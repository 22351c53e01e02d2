import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromCString, toCString } from "./c_string.ts";

Deno.test("a text without NUL comes back from its C string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const bytes = toCString(text);
      if (text.includes("\0")) return bytes === null;
      return bytes !== null && bytes.at(-1) === 0 && fromCString(bytes) === text;
    }),
  );
});

Deno.test("a text with a NUL is refused, not cut", () => {
  assertEquals(toCString("a\0b"), null);
});

Deno.test("bytes without a NUL are all text", () => {
  assertEquals(fromCString(Uint8Array.of(97, 98)), "ab");
});
