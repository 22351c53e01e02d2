import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../clock/mod.ts";
import { createDiscardSender } from "./discard_sender.ts";
import { MESSAGE } from "./message.ts";

Deno.test("everything is taken at once and counted", () => {
  const clock = createVirtualClock();
  const sender = createDiscardSender(4096, clock);
  for (let i = 0; i < 3; i++) {
    assertEquals(sender.claim()?.bytes.length, 4096);
    assertEquals(sender.send(MESSAGE.DATA, 1, 1000), 0);
  }
  assertEquals([sender.transferred(), clock.nowNs()], [3000, 0]);
});

Deno.test("who claims again with nothing sent is held up for a millisecond", () => {
  const clock = createVirtualClock();
  const sender = createDiscardSender(4096, clock);
  sender.claim();
  sender.claim();
  sender.claim();
  assertEquals(clock.nowNs(), 2e6);
  sender.send(MESSAGE.DATA, 1, 1);
  sender.claim();
  assertEquals(clock.nowNs(), 2e6);
});
