import { assertEquals } from "@std/assert";
import { createKeptDurations, MAX_DURATIONS } from "./kept_durations.ts";

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
