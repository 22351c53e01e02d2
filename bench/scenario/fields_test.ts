import { assertEquals } from "@std/assert";
import { z } from "zod";
import { choice, flag, integer, labelValue, ms, msList, rate, readText, size } from "./fields.ts";

const about = { description: "Something." };

function errorOf(field: z.ZodType, value: unknown): string | undefined {
  return field.safeParse(value).error?.issues[0]?.message;
}

function read(field: z.ZodType, text: string): unknown {
  return readText(field, text).data;
}

Deno.test("a quantity out of its limits is told its limits and an example", () => {
  assertEquals(
    errorOf(size(about, { min: 4096, max: 8192, step: 4096, example: "8KiB" }), 4097),
    'expected a size from 4KiB to 8KiB in steps of 4KiB, such as "8KiB"',
  );
  assertEquals(
    errorOf(rate(about), "5ms"),
    'expected a rate of 0 or more, such as "128MiB/s"',
  );
  assertEquals(
    errorOf(ms(about, { above: 0, max: 2_000_000 }), 0),
    'expected a time in milliseconds above 0, at most 2000s, such as "150ms"',
  );
  assertEquals(
    errorOf(integer(about, 1, 64), 1.5),
    "expected a whole number from 1 to 64, such as 1",
  );
  assertEquals(
    errorOf(choice(about, ["ring", "unix", "tcp"]), "udp"),
    "expected ring, unix or tcp",
  );
});

Deno.test("the limits themselves are allowed, but not one that is to be above", () => {
  const bounded = size(about, { min: 4096, max: 8192 });
  assertEquals([4096, 8192, 4095, 8193].map((n) => bounded.safeParse(n).success), [
    true,
    true,
    false,
    false,
  ]);
  const above = ms(about, { above: 0 });
  assertEquals([0, 0.001].map((n) => above.safeParse(n).success), [false, true]);
});

Deno.test("a fallback may have a unit and is read as if it stood in the file", () => {
  const field = size({ ...about, fallback: "1MiB" });
  assertEquals(z.strictObject({ field }).parse({}), { field: 1_048_576 });
});

Deno.test("text is read as what the field wants", () => {
  assertEquals(read(flag(about), "on"), true);
  assertEquals(read(flag(about), "false"), false);
  assertEquals(read(integer(about, 0, 9), "7"), 7);
  assertEquals(read(size(about), "4KiB"), 4096);
  assertEquals(read(choice(about, ["ENOMSG", "0"]), "0"), "0");
  assertEquals(read(msList(about), "150,2s"), [150, 2000]);
  assertEquals(read(msList(about), "[150, 400]"), [150, 400]);
});

Deno.test("text that is no value of the field never becomes its fallback", () => {
  for (const text of ["", "undefined", "null", "maybe", "-1"]) {
    assertEquals(readText(flag({ ...about, fallback: true }), text).success, false, text);
    assertEquals(readText(size({ ...about, fallback: 1 }), text).success, false, text);
    assertEquals(readText(integer({ ...about, fallback: 1 }, 0, 9), text).success, false, text);
  }
});

Deno.test("a value's label can be read back", () => {
  assertEquals(labelValue(size({ ...about, fallback: "1MiB" }), 65_536), "64KiB");
  assertEquals(labelValue(rate(about), 1_048_576), "1MiB/s");
  assertEquals(labelValue(flag(about), true), "on");
  assertEquals(labelValue(integer(about, 0, 9999), 1024), "1024");
  assertEquals(read(flag(about), labelValue(flag(about), false)), false);
});
