import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CeilingRow } from "../../ceiling/ceiling_rows.ts";
import { ceilingSection } from "./ceiling_section.ts";

const ROW: CeilingRow = {
  channel: "ring",
  buffer_size: 4096,
  against: "c-twin",
  ratio: 0.934,
  ci95: [0.921, 0.951],
  pairs: 15,
  ours_bytes_per_s: 3 * 1024 ** 3,
  theirs_bytes_per_s: 3.2 * 1024 ** 3,
};

Deno.test("a channel has a chart, a rival a line, and every number stands in the table", () => {
  const text = ceilingSection([
    ROW,
    { ...ROW, buffer_size: 65536, ratio: 0.99 },
    { ...ROW, against: "pipe-to", ratio: 3.5, ci95: [3, 4] },
    { ...ROW, channel: "unix", against: "qemu-path" },
  ])?.text.replaceAll(/\s+/g, " ") ?? "";
  assertEquals(text.split("<figure>").length - 1, 2);
  assertEquals(text.split("<polyline").length - 1, 3);
  assertEquals(text.split("<circle").length - 1, 4);
  assertEquals(text.split('<th scope="row">').length - 1, 4);
  for (const said of ["0.921 to 0.951", 'data-value="3.5"', "pipe-to, 4 KiB: 3.50 [3.00, 4.00]"]) {
    assertStringIncludes(text, said);
  }
});

Deno.test("a run that was held against nothing has no section", () => {
  assertEquals(ceilingSection([]), null);
});
