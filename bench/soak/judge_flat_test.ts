import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRandom } from "../random.ts";
import { judgeFlat } from "./judge_flat.ts";

Deno.test("noise around a level is flat, however much of it there is", () => {
  const random = createRandom(1);
  const noisy = Array.from({ length: 5_000 }, () => 100 + 20 * (random() - 0.5));
  const { flat, median, growth } = judgeFlat(noisy, 0.5);
  assertEquals(flat, true);
  assertAlmostEquals(median, 100, 1);
  assertAlmostEquals(growth, 0, 1);
});

Deno.test("a leak under the same noise is seen, once it is more than is allowed", () => {
  const random = createRandom(2);
  const leaking = Array.from({ length: 5_000 }, (_, i) => 100 + i / 500 + 20 * (random() - 0.5));
  assertEquals(judgeFlat(leaking, 2).flat, false);
  assertEquals(judgeFlat(leaking, 20).flat, true);
  assertAlmostEquals(judgeFlat(leaking, 2).growth, 10, 1.5);
});

Deno.test("what falls is no leak", () => {
  assertEquals(judgeFlat(Array.from({ length: 100 }, (_, i) => -i), 0).flat, true);
});

Deno.test("steps up of single fds are seen", () => {
  const steps = Array.from({ length: 1_000 }, (_, i) => 30 + Math.floor(i / 250));
  assertEquals(judgeFlat(steps, 0.5).flat, false);
  assertEquals(judgeFlat(Array.from({ length: 1_000 }, () => 30), 0.5).flat, true);
});

Deno.test("of too few samples nothing is said", () => {
  assertThrows(() => judgeFlat([1, 2, 3, 4], 1), RangeError);
});
