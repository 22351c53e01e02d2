import { assertEquals } from "@std/assert";
import { firstOtherDigest } from "./image_digest.ts";

Deno.test("the first image that differs is told, and one that only one side has differs", () => {
  const a = { length: 1, sha256: "a" };
  const b = { length: 1, sha256: "b" };
  assertEquals(firstOtherDigest([a, b], [a, b]), null);
  assertEquals(firstOtherDigest([], []), null);
  assertEquals(firstOtherDigest([a, b], [a, a]), 1);
  assertEquals(firstOtherDigest([a], [a, b]), 1);
  assertEquals(firstOtherDigest([a, b], [a]), 1);
  assertEquals(firstOtherDigest([a], [{ ...a, length: 2 }]), 0);
});
