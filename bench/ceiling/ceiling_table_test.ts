import { assertEquals } from "@std/assert";
import type { CeilingRow } from "./ceiling_rows.ts";
import { renderCeiling } from "./ceiling_table.ts";

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

Deno.test("a row has a channel and a size, a column for each rival that was there", () => {
  const text = renderCeiling({
    ceiling: [
      ROW,
      { ...ROW, against: "pipe-to", ratio: 12.34, ci95: [11, 13.06] },
      { ...ROW, channel: "unix", buffer_size: 1024 * 1024 },
    ],
    not_compared: [{ against: "ringbuf", not_compared: "no registry" }],
    failed: [{ case: "channel=tcp", message: "it broke" }],
  }, false);
  assertEquals(text.split("\n"), [
    "channel  buffer  harness           / c-twin          / pipe-to",
    "ring      4 KiB  3 GiB/s  0.93 [0.92, 0.95]  12.3 [11.0, 13.1]",
    "unix      1 MiB  3 GiB/s  0.93 [0.92, 0.95]",
    "",
    "The harness's throughput over the other's: medians of interleaved pairs, in brackets their 95 % intervals.",
    "Not compared with ringbuf: no registry",
    "A trial failed (channel=tcp): it broke",
  ]);
});

Deno.test("without a compiler and without a rival there is no table, and no error", () => {
  const text = renderCeiling({
    ceiling: [],
    not_compared: [{ against: "c-twin", not_compared: "no C compiler" }],
    failed: [],
  }, false);
  assertEquals(text, "Not compared with c-twin: no C compiler");
});
