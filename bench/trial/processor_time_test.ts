import { assert, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { watchProcessors } from "./processor_time.ts";

Deno.test("work takes processor time, and waiting takes less of it", async () => {
  const working = watchProcessors();
  let sum = 0;
  for (let i = 0; i < 30_000_000; i++) sum += i % 7;
  assertGreater(sum, 0);
  const worked = working();
  assertGreater(worked.time_ms, 0);
  const waiting = watchProcessors();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const waited = waiting();
  assertGreaterOrEqual(waited.busy, 0);
  assert(Number.isFinite(waited.busy));
});
