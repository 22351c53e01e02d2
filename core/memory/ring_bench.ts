// One thread on both sides, so that it is the ring's own work that is measured and not two
// processors' talk. The time of one iteration is the time of one slot.

import { attachRing, createRing, pending } from "./ring.ts";
import { claim, commit, tryClaim } from "./ring_produce.ts";
import { peek, release, tryPeek } from "./ring_consume.ts";
import { slotBytes, slotLength } from "./ring_slot.ts";

const buffer = createRing({ slotCount: 8, slotSize: 64 * 1024 });
const producer = attachRing(buffer);
const consumer = attachRing(buffer);

Deno.bench("claim, commit, peek, release", { group: "one slot", baseline: true }, () => {
  claim(producer);
  commit(producer, 4096, 1, 2, 3);
  peek(consumer);
  release(consumer);
});

Deno.bench("tryClaim, commit, tryPeek, release", { group: "one slot" }, () => {
  tryClaim(producer);
  commit(producer, 4096, 1, 2, 3);
  tryPeek(consumer);
  release(consumer);
});

Deno.bench("... and a look at the slot from both sides", { group: "one slot" }, () => {
  const bytes = slotBytes(producer, claim(producer));
  bytes[0] = 1;
  commit(producer, bytes.length, 1, 2, 3);
  const slot = peek(consumer);
  if (slotLength(consumer, slot) !== bytes.length) throw new Error("Cannot bench a broken ring");
  release(consumer);
});

Deno.bench("pending", () => {
  pending(consumer);
});
