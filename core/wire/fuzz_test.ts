import { assertEquals, assertGreater } from "@std/assert";
import { fuzz } from "./fuzz.ts";

Deno.test("20000 damaged streams are read or refused, and nothing else", () => {
  const { accepted, refused, events } = fuzz(20_000, 1);
  assertEquals(accepted + refused, 20_000);
  // Damage that is never met, or always at once, would test nothing.
  assertGreater(accepted, 500);
  assertGreater(refused, 10_000);
  assertGreater(events, 200_000);
});

Deno.test("the same seed gives the same inputs", () => {
  assertEquals(fuzz(500, 7), fuzz(500, 7));
});
