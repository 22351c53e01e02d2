import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { wilcoxonSignedRank } from "./wilcoxon_signed_rank.ts";

Deno.test("without ties and zeros p is the exact one of scipy and R", () => {
  // scipy 1.10.1: scipy.stats.wilcoxon(d, mode="exact"); its statistic is the smaller sum, 4 of 36.
  const few = wilcoxonSignedRank([1.1, -0.4, 2.3, 3, -0.9, 1.7, 2.2, 0.8]);
  assertEquals(few, { w: 32, p: 0.0546875, exact: true });
  // R: wilcox.test((1:49) * ifelse((1:49) %% 3 == 0, -1, 1), exact = TRUE)
  const many = Array.from({ length: 49 }, (_, i) => (i + 1) * ((i + 1) % 3 === 0 ? -1 : 1));
  assertAlmostEquals(wilcoxonSignedRank(many).p, 0.041703854232423516, 1e-13);
  assertEquals(wilcoxonSignedRank(many).exact, true);
});

Deno.test("with ties and zeros p is R's normal approximation", () => {
  // R: wilcox.test(c(1, -2, 2, 3, 3, 0, -1, 4, 5, 0, 6), exact = FALSE)
  const tested = wilcoxonSignedRank([1, -2, 2, 3, 3, 0, -1, 4, 5, 0, 6]);
  assertEquals(tested.exact, false);
  assertAlmostEquals(tested.p, 0.043455304047793658, 1e-13);
});

Deno.test("pairs that are all the same are no evidence", () => {
  assertEquals(wilcoxonSignedRank([0, 0, 0]), { w: 0, p: 1, exact: false });
});

Deno.test("a negated sample has the same p and the other sum", () => {
  const differences = [3, -1, 4, 1.5, -9, 2.6, 5, 3.5];
  const { w, p } = wilcoxonSignedRank(differences);
  const negated = wilcoxonSignedRank(differences.map((difference) => -difference));
  assertEquals([negated.w, negated.p], [36 - w, p]);
});

Deno.test("no differences and a NaN are refused", () => {
  assertThrows(() => wilcoxonSignedRank([]), RangeError, "0 differences");
  assertThrows(() => wilcoxonSignedRank([1, NaN]), RangeError, "not numbers");
});
