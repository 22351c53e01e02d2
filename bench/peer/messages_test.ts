import { assertEquals } from "@std/assert";
import { SLOT_COUNT } from "../measure/duration_counts.ts";
import { DurationsSchema } from "./messages.ts";

Deno.test("of the durations that a peer counted each slot comes once, in order, and is one", () => {
  const isTaken = (slots: unknown) => DurationsSchema.safeParse(slots).success;
  assertEquals(isTaken([]), true);
  assertEquals(isTaken([[0, 1], [5, 2 ** 32 - 1], [SLOT_COUNT - 1, 3]]), true);
  // Added up, the counts of one slot would be more than its bucket holds.
  assertEquals(isTaken([[5, 2 ** 32 - 1], [5, 2 ** 32 - 1]]), false);
  assertEquals(isTaken([[6, 1], [5, 1]]), false);
  for (const slot of [-1, 0.5, SLOT_COUNT]) assertEquals(isTaken([[slot, 1]]), false);
  for (const count of [0, -1, 0.5, 2 ** 32]) assertEquals(isTaken([[1, count]]), false);
});
