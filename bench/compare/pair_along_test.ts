import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { pairAlong } from "./pair_along.ts";
import { caseOf } from "./testdata/synthetic.ts";

const SIZES = ["ring", "unix"].flatMap((channel, c) =>
  [4096, 65536, 1048576].map((buffer_size, s) =>
    caseOf(c * 3 + s, { channel, buffer_size }, {
      label: `channel=${channel} buffer_size=${["4KiB", "64KiB", "1MiB"][s]}`,
    })
  )
);

Deno.test("the first value is held against each other one, all else equal", () => {
  assertEquals(pairAlong(SIZES, "buffer_size").pairs.map(({ text }) => text), [
    "s channel=ring buffer_size=4KiB -> 64KiB",
    "s channel=ring buffer_size=4KiB -> 1MiB",
    "s channel=unix buffer_size=4KiB -> 64KiB",
    "s channel=unix buffer_size=4KiB -> 1MiB",
  ]);
});

Deno.test("the base is named as the label has it, or as it is", () => {
  for (const base of ["1MiB", "1048576"]) {
    const { pairs } = pairAlong(SIZES, "buffer_size", base);
    assertEquals(pairs.map((pair) => [pair.base.index, pair.candidate.index]), [
      [2, 0],
      [2, 1],
      [5, 3],
      [5, 4],
    ]);
  }
});

Deno.test("a variant sets parameters of its own, and is compared all the same", () => {
  const cases = ["old", "new"].map((variant, i) =>
    caseOf(i, { variant }, { params: { policy: variant } })
  );
  assertEquals(pairAlong(cases, "variant").pairs.length, 1);
});

Deno.test("cases that differ in another parameter too are not compared", () => {
  const cases = [caseOf(0, { a: 1 }), caseOf(1, { a: 2 }, { params: { a: 2, channel: "tcp" } })];
  const { pairs, unmatched } = pairAlong(cases, "a");
  assertEquals(pairs, []);
  assertEquals(unmatched.map(({ reason }) => reason), [
    "a has no other value",
    "a has no other value",
  ]);
});

Deno.test("both clocks are compared only by clock", () => {
  const cases = (["wall", "virtual"] as const).flatMap((clock, c) =>
    [1, 2].map((a, i) => caseOf(c * 2 + i, { a, clock }, { clock, params: {} }))
  );
  const pairs = (key: string) =>
    pairAlong(cases, key).pairs.map((pair) => [pair.base.index, pair.candidate.index]);
  assertEquals(pairs("a"), [[0, 1], [2, 3]]);
  assertEquals(pairs("clock"), [[0, 2], [1, 3]]);
});

Deno.test("a key or a value that is not there is told with those that are", () => {
  assertThrows(() => pairAlong(SIZES, "reinit"), UsageError, "channel, buffer_size");
  assertThrows(() => pairAlong([caseOf(0)], "a"), UsageError, "nothing does");
  assertThrows(() => pairAlong(SIZES, "buffer_size", "2MiB"), UsageError, "4KiB, 64KiB, 1MiB");
  assertThrows(() => pairAlong([caseOf(0)], "constructor"), UsageError);
});

Deno.test("a group without the base value is told", () => {
  const cases = [caseOf(0, { a: 1, b: 1 }), caseOf(1, { a: 2, b: 1 }), caseOf(2, { a: 2, b: 2 })];
  const { pairs, unmatched } = pairAlong(cases, "a", "1");
  assertEquals(pairs.length, 1);
  assertEquals(unmatched, [{ run: "candidate", case: "s a=2 b=2", reason: "a is never 1" }]);
});
