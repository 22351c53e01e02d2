import { assertEquals } from "@std/assert";
import { plainText } from "./plain_text.ts";

Deno.test("what a terminal would obey, or turn around, is not in it", () => {
  for (
    const [text, plain] of [
      ["\x1b[31mred\x1b[0m", " [31mred [0m"],
      ["one\r\ntwo\n", "one two "],
      ["a\u009b31mb\u202egnp.exe", "a 31mb gnp.exe"],
      ["plain: \u00e9\u4e2d 100 %", "plain: \u00e9\u4e2d 100 %"],
    ] as const
  ) assertEquals(plainText(text), plain);
});

Deno.test("long text is cut, and says so", () => {
  assertEquals(plainText("x".repeat(20), 10), "xxxxxxx...");
  assertEquals(plainText("x".repeat(10), 10), "x".repeat(10));
});
