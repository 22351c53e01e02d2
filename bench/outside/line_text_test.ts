import { assertEquals, assertStringIncludes } from "@std/assert";
import { lineText } from "./line_text.ts";

Deno.test("a message is one line that no terminal acts on", () => {
  assertEquals(lineText("fine, as it is: ä \u{1f600}"), "fine, as it is: ä \u{1f600}");
  assertEquals(lineText("one\r\n  two\n\n"), "one two");
  assertEquals(
    lineText("\u001b]0;title\u0007\u009b2J\u202e"),
    "\ufffd]0;title\ufffd\ufffd2J\ufffd",
  );
});

Deno.test("an endless message keeps its beginning and its end", () => {
  const line = lineText(`Cannot use ${"x".repeat(1_000_000)}: did you mean y?`);
  assertEquals(line.length < 2000, true);
  assertStringIncludes(line, "Cannot use xxx");
  assertStringIncludes(line, "xxx: did you mean y?");
});
