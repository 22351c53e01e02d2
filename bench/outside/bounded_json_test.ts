import { assertEquals, assertThrows } from "@std/assert";
import { JSON_DEPTH, parseBoundedJson, refuseDepth } from "./bounded_json.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

Deno.test("JSON is taken down to the deepest level, and no deeper", () => {
  assertEquals(Array.isArray(parseBoundedJson(nested(JSON_DEPTH))), true);
  assertThrows(() => parseBoundedJson(nested(JSON_DEPTH + 1)), SyntaxError, "levels of nesting");
  assertThrows(() => parseBoundedJson(`{"a":`.repeat(1_000_000)), SyntaxError, "at position 320");
});

Deno.test("brackets that close, and those in strings and comments, are no depth", () => {
  assertEquals(parseBoundedJson(`[${Array(1000).fill("[[]]").join(",")}]`) instanceof Array, true);
  const many = "[".repeat(1000);
  assertEquals(parseBoundedJson(`{"${many}\\"${many}\\\\":1}`), { [`${many}"${many}\\`]: 1 });
  refuseDepth(`/* ${many} */ [] // ${many}\n []`);
  refuseDepth(`// ${many}`);
  refuseDepth(`/* ${many}`);
  refuseDepth(`"${many}`);
  assertThrows(() => refuseDepth(`// x\n${many}`), SyntaxError);
});
