import { assert, assertGreater } from "@std/assert";
import { fuzzReaders } from "./fuzz.ts";

Deno.test("whatever is in a file, it is read, or refused in one line", async () => {
  const results = await fuzzReaders(3000, 1);
  for (const { reader, accepted, refused } of results) {
    assertGreater(accepted + refused, 0, reader);
  }
  // Damage that is never met, or always, teaches nothing.
  const refused = results.reduce((sum, one) => sum + one.refused, 0);
  const accepted = results.reduce((sum, one) => sum + one.accepted, 0);
  assert(refused > 500 && accepted > 300, JSON.stringify(results));
});
