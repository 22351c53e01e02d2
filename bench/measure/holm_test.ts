import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { holm } from "./holm.ts";

Deno.test("the adjusted ones are R's", () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.2, 0.9, 0.03), "holm")
  const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.2, 0.9, 0.03]);
  for (const [i, p] of [0.06, 0.15, 0.15, 0.035, 0.4, 0.9, 0.15].entries()) {
    assertAlmostEquals(adjusted[i] ?? NaN, p, 1e-12);
  }
});

Deno.test("one metric needs no correction, none is none", () => {
  assertEquals(holm([0.03]), [0.03]);
  assertEquals(holm([]), []);
});

Deno.test("none gets smaller, none passes Bonferroni's, and the order stays", () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(fc.array(p, { minLength: 1, maxLength: 20 }), (ps) => {
    const adjusted = holm(ps);
    for (const [i, own] of ps.entries()) {
      const after = adjusted[i] ?? NaN;
      assert(after >= own && after <= Math.min(1, own * ps.length));
      for (const [j, other] of ps.entries()) {
        if (own < other) assert(after <= (adjusted[j] ?? NaN));
      }
    }
  }));
});

Deno.test("what is no probability is refused", () => {
  for (const p of [-0.1, 1.5, NaN]) {
    assertThrows(() => holm([0.5, p]), RangeError, `received ${p}`);
  }
});
