import { assert, assertEquals, assertThrows } from "@std/assert";
import { createDice } from "./dice.ts";

Deno.test("the same seed throws the same, another one others", () => {
  const throws = (seed: number) => {
    const dice = createDice(seed);
    return Array.from({ length: 20 }, () => dice.whole(1, 1000));
  };
  assertEquals(throws(3), throws(3));
  assert(throws(3).join() !== throws(4).join());
});

Deno.test("what is thrown lies within its bounds, and reaches them", () => {
  const dice = createDice(1);
  const whole = new Set(Array.from({ length: 200 }, () => dice.whole(2, 4)));
  assertEquals([...whole].sort(), [2, 3, 4]);
  const sized = Array.from({ length: 5000 }, () => dice.sized(0, 1 << 20));
  assert(sized.every((n) => Number.isInteger(n) && n >= 0 && n <= 1 << 20));
  // Of any order of magnitude alike: as many below a KiB as above it.
  const small = sized.filter((n) => n < 1024).length;
  assert(small > 2000 && small < 3000, String(small));
  assertEquals(dice.sized(7, 7), 7);
});

Deno.test("picking takes what is there", () => {
  const dice = createDice(9);
  const picked = new Set(Array.from({ length: 50 }, () => dice.pick(["a", "b"])));
  assertEquals([...picked].sort(), ["a", "b"]);
  assertThrows(() => dice.pick([]), RangeError);
});
