import { assertEquals, assertThrows } from "@std/assert";
import { CutOffError, deviceOf, numberAfter, numberAfterIfAny, wordAfter } from "./arguments.ts";

Deno.test("numberAfter reads decimal and the hexadecimal of 8.1", () => {
  assertEquals(numberAfter(" (vf0) precopy 0x80a7000 postcopy 0x0", ") precopy"), 0x80a7000);
  assertEquals(numberAfter("transferred 5 time_spent 142", "time_spent"), 142);
  assertEquals(numberAfter("exact=1, final=0", "final="), 0);
});

Deno.test("numberAfter holds a u64 as core/vfio does: a driver's -EINVAL is -22", () => {
  assertEquals(numberAfter("stopcopy size 18446744073709551594", "stopcopy size"), -22);
});

Deno.test("what a cut-off line does not have is said", () => {
  assertThrows(() => numberAfter("data_size ", "data_size"), CutOffError);
  assertThrows(() => numberAfter("data_s", "data_size"), CutOffError);
  assertThrows(() => wordAfter("new st", "new state"), CutOffError);
  assertThrows(() => deviceOf(" (0000:00:0"), CutOffError);
  assertEquals(numberAfterIfAny("transferred 5", "switchover_bw"), undefined);
});

Deno.test("deviceOf takes what stands in parentheses, with its dots and colons", () => {
  assertEquals(deviceOf(" (0000:3b:00.2) data_size 24"), "0000:3b:00.2");
});
