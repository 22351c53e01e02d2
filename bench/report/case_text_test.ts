import { assertEquals } from "@std/assert";
import { caseText, plainText, valueTexts } from "./case_text.ts";
import { caseOf } from "../compare/testdata/synthetic.ts";

Deno.test("a case is called by its scenario and label, on the virtual clock with the clock", () => {
  assertEquals(caseText(caseOf(0)), "s");
  assertEquals(caseText(caseOf(0, { a: 1 })), "s a=1");
  assertEquals(caseText(caseOf(0, { a: 1 }, { clock: "virtual" })), "s a=1 (virtual)");
});

Deno.test("what a terminal would act on is replaced", () => {
  assertEquals(
    plainText("a\x1b[31mb\r\nc\u202ed\x9be\u2028"),
    "a\ufffd[31mb\ufffd\ufffdc\ufffdd\ufffde\ufffd",
  );
  assertEquals(caseText(caseOf(0, {}, { scenario: "\x1b]0;x\x07" })), "\ufffd]0;x\ufffd");
});

Deno.test("values are written as the label has them, also with spaces", () => {
  const one = caseOf(0, { variant: "", buffer_size: 65536, reinit: true }, {
    label: "variant=two words buffer_size=64KiB reinit=on",
  });
  assertEquals([...valueTexts(one)], [
    ["variant", "two words"],
    ["buffer_size", "64KiB"],
    ["reinit", "on"],
  ]);
});

Deno.test("a label that does not follow from what varies is not believed", () => {
  const one = caseOf(0, { a: 1, b: true }, { label: "a=1" });
  assertEquals([...valueTexts(one)], [["a", "1"], ["b", "true"]]);
});
