import { assert, assertEquals } from "@std/assert";
import { fuzzMultifd } from "./fuzz.ts";

Deno.test("20000 damaged channels are decoded or refused, and nothing else", () => {
  const result = fuzzMultifd(20_000, 1);
  assertEquals(result.accepted + result.cutOff + result.refused, 20_000);
  // The inputs are worth something: many of each kind.
  assert(Math.min(result.accepted, result.cutOff, result.refused) > 2000);
  assert(result.events > 20_000);
});

Deno.test("the same seed makes the same inputs", () => {
  assertEquals(fuzzMultifd(500, 7), fuzzMultifd(500, 7));
});
