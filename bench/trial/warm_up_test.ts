import { assertEquals } from "@std/assert";
import { MOST_WARM_UPS, type WarmUp, warmUpOf } from "./warm_up.ts";

function ends(values: readonly (number | undefined)[]): [after: number, as: WarmUp] {
  for (let n = 1; n <= values.length; n++) {
    const state = warmUpOf(values.slice(0, n));
    if (state !== "going on") return [n, state];
  }
  return [values.length, "going on"];
}

Deno.test("what falls is warming up, five that are level are steady", () => {
  assertEquals(ends([300, 200, 150, 101, 100, 99, 100, 101]), [8, "steady"]);
  assertEquals(ends([100, 101, 99, 100, 102]), [5, "steady"]);
  assertEquals(ends([100, 101, 99, 100]), [4, "going on"]);
});

Deno.test("a slow rise of less than the bound is steady, one of more never is", () => {
  const rising = (by: number) => Array.from({ length: 40 }, (_, i) => 100 * (1 + by * i));
  assertEquals(ends(rising(0.02)), [5, "steady"]);
  assertEquals(ends(rising(0.1)), [MOST_WARM_UPS, "not steady"]);
});

Deno.test("trials that fail neither end a warm-up nor keep it from ending", () => {
  assertEquals(ends([undefined, 100, undefined, 100, 100, 100, 100]), [7, "steady"]);
  assertEquals(ends(Array.from({ length: 9 }, () => undefined)), [5, "steady"]);
});
