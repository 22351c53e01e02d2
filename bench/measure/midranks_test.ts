import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { midranks } from "./midranks.ts";

Deno.test("tied values share the mean of their ranks, and are counted", () => {
  // Three 5s share the ranks 2 to 4, two 7s 5 and 6: 3^3 - 3 + 2^3 - 2.
  assertEquals(midranks([7, 5, 5, 1, 7, 5]), { ranks: [5.5, 3, 3, 1, 5.5, 3], tieTerm: 30 });
  assertEquals(midranks([]), { ranks: [], tieTerm: 0 });
});

Deno.test("infinities are the outermost, and tied with each other", () => {
  assertEquals(midranks([Infinity, 0, -Infinity, Infinity]).ranks, [3.5, 2, 1, 3.5]);
});

Deno.test("a rank is one more than the smaller values, and half of the other equal ones", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), (values) => {
      const expected = values.map((value) =>
        values.filter((other) => other < value).length +
        (values.filter((other) => other === value).length + 1) / 2
      );
      assertEquals(midranks(values).ranks, expected);
    }),
  );
});
