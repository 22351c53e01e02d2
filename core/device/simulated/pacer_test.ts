import { assertEquals } from "@std/assert";
import { createPacer, pace } from "./pacer.ts";
import { createFakeClock } from "./testdata/fake_clock.ts";

const MS = 1e6;
const RATE = 1e9; // a byte a nanosecond

Deno.test("calls that take no time are held to the rate", () => {
  const clock = createFakeClock();
  const start = clock.now;
  const pacer = createPacer(RATE);
  for (let i = 0; i < 10; i++) pace(pacer, clock, clock.now, 1 * MS);
  assertEquals(clock.now - start, 10 * MS);
});

Deno.test("the time that a call took by itself counts", () => {
  const clock = createFakeClock();
  const start = clock.now;
  const pacer = createPacer(RATE);
  clock.now += 0.75 * MS;
  pace(pacer, clock, start, 1 * MS);
  assertEquals(clock.now - start, 1 * MS);
  const slow = clock.now;
  clock.now += 5 * MS;
  pace(pacer, clock, slow, 1 * MS);
  assertEquals(clock.now - slow, 5 * MS);
});

Deno.test("idle time saves up no credit", () => {
  const clock = createFakeClock();
  const pacer = createPacer(RATE);
  pace(pacer, clock, clock.now, 1 * MS);
  clock.now += 1000 * MS;
  const start = clock.now;
  pace(pacer, clock, start, 2 * MS);
  assertEquals(clock.now - start, 2 * MS);
});

Deno.test("small debts are carried on until they are worth a sleep", () => {
  const clock = createFakeClock();
  const start = clock.now;
  const pacer = createPacer(RATE);
  for (let i = 0; i < 9; i++) pace(pacer, clock, clock.now, 10_000);
  assertEquals(clock.now - start, 0);
  pace(pacer, clock, clock.now, 10_000);
  assertEquals(clock.now - start, 100_000);
});

Deno.test("a rate of 0 is no limit", () => {
  assertEquals(createPacer(0).nsPerByte, 0);
});
