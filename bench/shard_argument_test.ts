import { assertEquals, assertThrows } from "@std/assert";
import { parseShard } from "./shard_argument.ts";
import { UsageError } from "./usage_error.ts";

Deno.test("a part is from the first to the last", () => {
  assertEquals(parseShard("1/1"), { index: 1, count: 1 });
  assertEquals(parseShard("8/8"), { index: 8, count: 8 });
});

Deno.test("what is no part is refused", () => {
  for (const text of ["", "2", "0/8", "9/8", "1/0", "-1/8", "1/8/2", "1/5000", "a/b", "1.5/8"]) {
    assertThrows(() => parseShard(text), UsageError, "such as 2/8");
  }
});
