import { assertEquals } from "@std/assert";
import { createDurationRecorder } from "../observation.ts";
import { createKeptDurations, giveDurations, MAX_DURATIONS } from "./kept_durations.ts";

Deno.test("durations are kept in order, the first ones", () => {
  const kept = createKeptDurations(1);
  for (const ns of [5, 0.5, 7]) kept.recorder?.take(ns);
  assertEquals([...kept.all()], [5, 0.5, 7]);
  for (let i = 0; i < MAX_DURATIONS; i++) kept.recorder?.take(i);
  const all = kept.all();
  assertEquals([all.length, all.at(-1)], [MAX_DURATIONS, MAX_DURATIONS - 4]);
});

Deno.test("where none are wanted none are kept", () => {
  const kept = createKeptDurations(0);
  assertEquals([kept.recorder, kept.all().length], [null, 0]);
});

Deno.test("every duration of a thread is given, whatever part of the calls it is of", () => {
  const given: number[] = [];
  const ns = Float64Array.of(3, 1, 2);
  giveDurations(ns, createDurationRecorder(16, (one) => given.push(one)));
  giveDurations(ns, null);
  assertEquals(given, [3, 1, 2]);
});
