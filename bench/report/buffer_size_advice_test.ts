import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { createRecorder, encodeHistogram, recordNs } from "../measure/mod.ts";
import { resultDocument } from "./mod.ts";
import { adviceText, type BufferSizeAdvice } from "./buffer_size_advice.ts";
import { caseOf, runOf, trialOf } from "../compare/testdata/synthetic.ts";

const KIB = 1024;

/** A run of one scenario: rates by channel and size, with so much noise up and down. */
function adviceFor(
  rates: Readonly<Record<string, Readonly<Record<number, number>>>>,
  noise = 0,
): readonly BufferSizeAdvice[] {
  const cases = Object.entries(rates).flatMap(([channel, sizes]) =>
    Object.keys(sizes).map((size) => ({ channel, buffer_size: Number(size) }))
  ).map((varies, index) => caseOf(index, varies));
  const trials = cases.flatMap((one) => {
    const { channel, buffer_size } = one.params;
    const rate = rates[String(channel)]?.[Number(buffer_size)] ?? 0;
    return [-1, 0, 1].map((sign, trial) =>
      trialOf(one, trial, { throughput_stopcopy_bytes_per_s: rate * (1 + sign * noise) })
    );
  });
  const { meta } = runOf(cases, trials);
  return resultDocument(meta, trials).buffer_size_advice;
}

Deno.test("the smallest size within 2 % of the best is advised, per channel, whatever the order", () => {
  const [ring, unix] = adviceFor({
    ring: { [1024 * KIB]: 1000, [4 * KIB]: 500, [64 * KIB]: 981 },
    unix: { [4 * KIB]: 100, [64 * KIB]: 970, [1024 * KIB]: 1000, [4096 * KIB]: 900 },
  });
  assert(ring !== undefined && unix !== undefined);
  assertEquals([ring.channel, ring.smallest_buffer_size_bytes], ["ring", 64 * KIB]);
  assertEquals(ring.best_buffer_size_bytes, 1024 * KIB);
  assertEquals([unix.channel, unix.smallest_buffer_size_bytes], ["unix", 1024 * KIB]);
  assertEquals(unix.sizes.map((one) => one.buffer_size_bytes / KIB), [4, 64, 1024, 4096]);
  const costs = unix.sizes.map((one) => one.cost_ratio);
  for (const [i, cost] of [0.9, 0.03, 0, 0.1].entries()) {
    assertAlmostEquals(costs[i] ?? NaN, cost, 1e-12);
  }
});

Deno.test("2 % less is within, a little more is not", () => {
  const smallest = (rate: number) =>
    adviceFor({ ring: { 4096: rate, 8192: 1000 } })[0]?.smallest_buffer_size_bytes;
  assertEquals(smallest(980.001), 4096);
  assertEquals(smallest(979.999), 8192);
});

Deno.test("in words: the size, the best, and what the others cost", () => {
  const [advice] = adviceFor({
    ring: {
      4096: 0.5 * 2 ** 30,
      65536: 0.99 * 2 ** 30,
      [2 ** 20]: 2 ** 30,
      [2 ** 22]: 0.8 * 2 ** 30,
    },
  });
  assert(advice !== undefined);
  assertEquals(
    adviceText(advice),
    "s channel=ring: buffer_size=64KiB is the smallest within 2 % of the best (1MiB, 1 GiB/s), with 8 MiB of buffers. " +
      "Smaller ones cost: 4KiB 50 % of the throughput (4 MiB of buffers). " +
      "Larger ones cost: 1MiB nothing of the throughput (8 MiB of buffers); 4MiB 20 % of the throughput (16 MiB of buffers).",
  );
});

Deno.test("in words: where the best is the smallest, and where noise is larger than the difference", () => {
  const [advice] = adviceFor({ ring: { 4096: 2 ** 30, 8192: 2 ** 29 } }, 0.1);
  assert(advice !== undefined);
  assertEquals(
    adviceText(advice),
    "s channel=ring: buffer_size=4KiB is the best, 1 GiB/s; none smaller is within 2 %, with 4 MiB of buffers. " +
      "Larger ones cost: 8KiB 50 % of the throughput (8 MiB of buffers). With 3 trials the noise is ±10 %: play more to be sure.",
  );
});

Deno.test("the tail is the slower of reads and writes, the memory what the channel holds", () => {
  const slowest = (ms: number) => {
    const recorder = createRecorder();
    for (let i = 1; i <= 100; i++) recordNs(recorder, i * ms * 1e4);
    return encodeHistogram(recorder);
  };
  const cases = [4096, 65536].map((buffer_size, i) => caseOf(i, { channel: "unix", buffer_size }));
  const trials = cases.map((one, i) => ({
    ...trialOf(one, 0, { throughput_stopcopy_bytes_per_s: [500, 1000][i] ?? 0 }),
    histograms: { read_us: slowest(1 + i), write_us: slowest(3 + i) },
  }));
  const [advice] = resultDocument(runOf(cases, trials).meta, trials).buffer_size_advice;
  const sizes = advice?.sizes.map(({ tail_us, memory_bytes }) => [
    Math.round((tail_us ?? 0) / 100),
    memory_bytes,
  ]);
  // Sixteen buffers go over it in one call, or 128 KiB, at either end.
  assertEquals(sizes, [[30, 2 * 65536], [40, 2 * 131072]]);
  assertStringIncludes(advice === undefined ? "" : adviceText(advice), "p99 3.96 ms a call, ");
});

Deno.test("one size alone has no advice, nor has a run in which it does not vary", () => {
  assertEquals(adviceFor({ ring: { 4096: 1 } }), []);
  const { meta, trials } = runOf([caseOf(0)], []);
  assertEquals(resultDocument(meta, trials).buffer_size_advice, []);
});

Deno.test("sizes of which no trial completed are left out", () => {
  const cases = [4096, 8192, 16384].map((buffer_size, i) => caseOf(i, { buffer_size }));
  const trials = cases.slice(1).map((one) =>
    trialOf(one, 0, { throughput_stopcopy_bytes_per_s: 1000 })
  );
  const { meta } = runOf(cases, trials);
  const [advice] = resultDocument(meta, trials).buffer_size_advice;
  assertEquals(advice?.sizes.map((one) => one.buffer_size_bytes), [8192, 16384]);
  assertEquals(advice?.case, "s channel=ring");
});
