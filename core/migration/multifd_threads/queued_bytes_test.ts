import { assertEquals } from "@std/assert";
import {
  addQueued,
  createQueuedBytes,
  MAX_QUEUED_BYTES,
  peakQueued,
  subtractQueued,
} from "./queued_bytes.ts";

Deno.test("queued 600 + 600 with cap 1000 is an error on the second", () => {
  const queued = createQueuedBytes(2, 1000);
  assertEquals(addQueued(queued, 1, 600), true);
  assertEquals(addQueued(queued, 1, 600), false);
  assertEquals(peakQueued(queued, 1), 600);
  assertEquals(addQueued(queued, 0, 1000), true);
});

Deno.test("what is written makes room, and the peak stays", () => {
  const queued = createQueuedBytes(1, 1000);
  assertEquals(addQueued(queued, 0, 800), true);
  subtractQueued(queued, 0, 800);
  assertEquals(addQueued(queued, 0, 700), true);
  assertEquals(addQueued(queued, 0, 300), true);
  assertEquals(peakQueued(queued, 0), 1000);
});

Deno.test("without a cap it counts beyond 2^31", () => {
  const queued = createQueuedBytes(1, 0);
  for (let i = 0; i < 3; i++) assertEquals(addQueued(queued, 0, 2 ** 30), true);
  assertEquals(peakQueued(queued, 0), MAX_QUEUED_BYTES);
  assertEquals(addQueued(queued, 0, 1), false);
});
