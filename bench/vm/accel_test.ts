import { assertEquals } from "@std/assert";
import { parseAnswer } from "./accel.ts";

Deno.test("parseAnswer takes an answer of this boot alone", () => {
  assertEquals(parseAnswer('{"boot":"a","accel":"tcg"}', "a"), "tcg");
  assertEquals(parseAnswer('{"boot":"a","accel":"kvm"}', "a"), "kvm");
  assertEquals(parseAnswer('{"boot":"b","accel":"kvm"}', "a"), undefined);
  assertEquals(parseAnswer('{"boot":"a","accel":"xen"}', "a"), undefined);
  assertEquals(parseAnswer("", "a"), undefined);
  assertEquals(parseAnswer('{"boot":"a",', "a"), undefined);
});
