import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readU64, u64Add, u64Less, u64LessEqual, u64ToString, writeU64 } from "./u64.ts";

const TWO_64 = 2n ** 64n;

/** Sizes below 2^53, with the small ones and the ends likely. */
const LOW = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }),
  fc.bigInt({ min: 0n, max: 4096n }),
);
/** The top 2^52 values: lengths that are a small negative number. */
const TOP = fc.oneof(
  fc.bigInt({ min: TWO_64 - 2n ** 52n, max: TWO_64 - 1n }),
  fc.bigInt({ min: TWO_64 - 133n, max: TWO_64 - 1n }),
);
const EXACT = fc.oneof(LOW, TOP);
const ANY = fc.oneof(EXACT, fc.bigInt({ min: 0n, max: TWO_64 - 1n }));

/** The held form, by definition. */
const held = (value: bigint) => Number(BigInt.asIntN(64, value));
const view = new DataView(new ArrayBuffer(24));

Deno.test("readU64() and writeU64() agree with BigInt where values are held exactly", () => {
  fc.assert(fc.property(EXACT, fc.nat(16), (value, offset) => {
    view.setBigUint64(offset, value, true);
    const number = readU64(view, offset);
    assertStrictEquals(number, held(value));
    view.setBigUint64(offset, ~value & (TWO_64 - 1n), true);
    writeU64(view, offset, number);
    assertEquals(view.getBigUint64(offset, true), value);
  }));
});

Deno.test("readU64() and writeU64() touch 8 bytes, the lowest first", () => {
  const bytes = new Uint8Array(10);
  writeU64(new DataView(bytes.buffer), 1, 0x0012_3456_789a_bcde);
  assertEquals([...bytes], [0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12, 0x00, 0]);
  writeU64(new DataView(bytes.buffer), 1, -22);
  assertEquals([...bytes], [0, 0xea, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]);
  assertThrows(() => readU64(new DataView(bytes.buffer), 3), RangeError);
  assertThrows(() => writeU64(new DataView(bytes.buffer), 3, 0), RangeError);
});

Deno.test("readU64() rounds by at most one in 2^53 where it must, and keeps bit 63", () => {
  fc.assert(
    fc.property(ANY, (value) => {
      view.setBigUint64(0, value, true);
      const number = readU64(view, 0);
      assertEquals(number < 0, value >= 2n ** 63n);
      const error = BigInt.asIntN(64, value) - BigInt(number);
      assert(Math.abs(Number(error)) <= Math.abs(number) * 2 ** -53);
    }),
    {
      examples: [[2n ** 53n + 1n], [2n ** 63n], [2n ** 63n + 1n], [TWO_64 - 2n ** 53n - 1n]],
    },
  );
});

Deno.test("readU64() does not round a size up into bit 63", () => {
  for (const value of [2n ** 63n - 1n, 2n ** 63n - 512n]) {
    view.setBigUint64(0, value, true);
    assertStrictEquals(readU64(view, 0), 2 ** 63 - 1024);
  }
});

Deno.test("a page-aligned u64 is exact at any height", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 52n - 1n }), (page) => {
    view.setBigUint64(0, page * 4096n, true);
    assertEquals(BigInt.asUintN(64, BigInt(readU64(view, 0))), page * 4096n);
    writeU64(view, 8, readU64(view, 0));
    assertEquals(view.getBigUint64(8, true), page * 4096n);
  }));
});

Deno.test("u64Less() and u64LessEqual() compare as unsigned", () => {
  fc.assert(fc.property(EXACT, EXACT, (a, b) => {
    assertEquals(u64Less(held(a), held(b)), a < b);
    assertEquals(u64LessEqual(held(a), held(b)), a <= b);
    assertEquals(u64Less(held(a), held(a)), false);
    assertEquals(u64LessEqual(held(a), held(a)), true);
  }));
});

Deno.test("u64Add() wraps modulo 2^64, and rounds only what is not held exactly", () => {
  fc.assert(fc.property(EXACT, EXACT, (a, b) => {
    const sum = BigInt.asUintN(64, a + b);
    assertEquals(u64Add(held(a), held(b)), held(sum));
    const difference = BigInt.asUintN(64, a - b);
    assertEquals(u64Add(held(a), -held(b)), held(difference));
  }));
});

Deno.test("u64Add() wraps at bit 63 too", () => {
  assertEquals(u64Add(2 ** 62, 2 ** 62), -(2 ** 63));
  assertEquals(u64Add(-(2 ** 63), -(2 ** 63)), 0);
  assertEquals(u64Add(-(2 ** 63), -4096), 2 ** 63 - 4096);
});

Deno.test("an errno stored as a length makes a sum wrap, as in QEMU", () => {
  assertEquals(u64Add(4096, -22), 4074);
  assertEquals(u64Less(4096, -22), true);
});

Deno.test("u64ToString() gives the unsigned digits", () => {
  fc.assert(fc.property(EXACT, (value) => assertEquals(u64ToString(held(value)), `${value}`)));
  assertEquals(u64ToString(100 * 2 ** 30), "107374182400");
  assertEquals(u64ToString(-(2 ** 63)), "9223372036854775808");
  assertEquals(u64ToString(2 ** 63 - 1024), "9223372036854774784");
  assertThrows(() => u64ToString(0.5), RangeError);
});
