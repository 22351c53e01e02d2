import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { plainText } from "../report/case_text.ts";
import { codeCell } from "./escape_markdown.ts";

/** Any text, and such as is made of what acts. */
const TEXT = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(..."|`<>[]()\\*_~@:/.!&#w1a \n", "www.", "http://", "&#124;"),
  }),
);

Deno.test("ordinary names stay readable", () => {
  assertEquals(
    codeCell("buffer-size channel=ring buffer_size=4KiB -> 1MiB"),
    "<code>buffer-size channel=ring buffer_size=4KiB -&#62; 1MiB</code>",
  );
  assertEquals(codeCell("policy=qemu-9.2 ±1.5 %"), "<code>policy=qemu-9.2 ±1.5 %</code>");
});

Deno.test("what starts a link by itself does not", () => {
  assertEquals(codeCell("www.a.b"), "<code>www&#46;a.b</code>");
  assertEquals(codeCell("https://a.b"), "<code>https&#58;//a.b</code>");
  assertEquals(codeCell("a@b.c"), "<code>a&#64;b.c</code>");
});

Deno.test("no text leaves anything that acts, and every text can be had back", () => {
  fc.assert(fc.property(TEXT, (text) => {
    const inner = codeCell(text).slice("<code>".length, -"</code>".length);
    const bare = inner.replaceAll(/&#\d+;/g, "");
    assertEquals(/[|`<>[\]\\*~@!&#$"'\n\r\t{}]/.test(bare), false);
    assertEquals(/:\/|www\./i.test(inner), false);
    assertEquals(/(^|[^A-Za-z0-9])_|_([^A-Za-z0-9]|$)/.test(inner), false);
    const back = inner.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
    assertEquals(back, plainText(text).trim());
  }));
});
