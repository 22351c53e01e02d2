import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  formatMs,
  formatRate,
  formatSize,
  labelMs,
  labelRate,
  labelSize,
  labelUs,
  parseMs,
  parseRate,
  parseSize,
  parseUs,
} from "./units.ts";

Deno.test("a size is bytes, or a string with a binary or a decimal unit", () => {
  const sizes: [unknown, number][] = [
    [0, 0],
    [4096, 4096],
    ["4096", 4096],
    ["4096B", 4096],
    ["64KiB", 65_536],
    ["1MiB", 1_048_576],
    ["1 MiB", 1_048_576],
    ["1.5MiB", 1_572_864],
    ["1GiB", 1_073_741_824],
    ["1TiB", 1_099_511_627_776],
    ["64kB", 64_000],
    ["1MB", 1_000_000],
    ["1GB", 1_000_000_000],
    ["1.1GB", 1_100_000_000],
  ];
  for (const [text, bytes] of sizes) assertEquals(parseSize(text), bytes, String(text));
});

Deno.test("a size is no rate, no time, no fraction of a byte, not negative, not NaN", () => {
  const others: unknown[] = [
    ..."1MiB/s|5ms|1.5B|1.0001KiB|-1|-1MiB|NaN||MiB|1mib|1KB|1M|64k|1e6|0x10|1,5MiB|1  MiB".split(
      "|",
    ),
    -1,
    0.5,
    NaN,
    Infinity,
    2 ** 53,
    "8192TiB",
    true,
    null,
    undefined,
    {},
  ];
  for (const other of others) assertEquals(parseSize(other), undefined, String(other));
});

Deno.test("a rate is bytes per second, also where it is written in bits", () => {
  const rates: [unknown, number | undefined][] = [
    [0, 0],
    ["0", 0],
    ["1048576", 1_048_576],
    ["128MiB/s", 134_217_728],
    ["12.5GB/s", 12_500_000_000],
    ["100Gbit/s", 12_500_000_000],
    ["8bit/s", 1],
    ["1bit/s", undefined],
    ["5ms", undefined],
    ["1MiB", undefined],
    ["10Gb/s", undefined],
    ["-1MiB/s", undefined],
    [NaN, undefined],
  ];
  for (const [text, rate] of rates) assertEquals(parseRate(text), rate, String(text));
});

Deno.test("a time may have any of its units, and fractions stay what they look like", () => {
  assertEquals(parseMs(150), 150);
  assertEquals(parseMs("150ms"), 150);
  assertEquals(parseMs("2s"), 2000);
  assertEquals(parseMs("50us"), 0.05);
  assertEquals(parseMs("0.07s"), 70);
  assertEquals(parseMs("1MiB"), undefined);
  assertEquals(parseMs(-1), undefined);
  assertEquals(parseMs(Infinity), undefined);
  assertEquals(parseUs("50us"), 50);
  assertEquals(parseUs("1ms"), 1000);
  assertEquals(parseUs("0.5"), 0.5);
});

Deno.test("a label is short", () => {
  assertEquals([0, 1, 512, 1000, 1024, 4096, 64_000].map(labelSize), [
    "0",
    "1B",
    "512B",
    "1kB",
    "1KiB",
    "4KiB",
    "64kB",
  ]);
  assertEquals(labelSize(1_572_864), "1.5MiB");
  assertEquals(labelRate(12_500_000_000), "12.5GB/s");
  assertEquals(labelRate(0), "0");
  assertEquals([0, 0.5, 150, 2000].map(labelMs), ["0ms", "0.5ms", "150ms", "2s"]);
  assertEquals([0, 50, 1500, 2000].map(labelUs), ["0us", "50us", "1500us", "2ms"]);
});

Deno.test("a label read again is the same number", () => {
  const bytes = fc.maxSafeNat();
  fc.assert(fc.property(bytes, (n) => parseSize(labelSize(n)) === n));
  fc.assert(fc.property(bytes, (n) => parseRate(labelRate(n)) === n));
  // From a nanosecond up: below 1e-6 a number is written with an exponent.
  const time = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true }));
  fc.assert(fc.property(time, (n) => parseMs(labelMs(n)) === n));
  fc.assert(fc.property(time, (n) => parseUs(labelUs(n)) === n));
  const round = fc.nat(1000);
  fc.assert(fc.property(round, (n) => parseSize(labelSize(n * 65_536)) === n * 65_536));
  fc.assert(fc.property(round, (n) => parseMs(labelMs(n * 1000)) === n * 1000));
  fc.assert(fc.property(round, (n) => parseUs(labelUs(n * 1000)) === n * 1000));
});

Deno.test("a table has rounded quantities with a space before the unit", () => {
  assertEquals([0, 512, 1024, 1_048_575, 1_048_576, 1_600_000].map(formatSize), [
    "0 B",
    "512 B",
    "1 KiB",
    "1 MiB",
    "1 MiB",
    "1.5 MiB",
  ]);
  assertEquals(formatSize(5 * 2 ** 50), "5120 TiB");
  assertEquals(formatRate(134_217_728), "128 MiB/s");
  assertEquals([0, 0.05, 0.99999, 1.25, 300, 999.99, 2000].map(formatMs), [
    "0 ms",
    "50 us",
    "1 ms",
    "1.3 ms",
    "300 ms",
    "1 s",
    "2 s",
  ]);
});
