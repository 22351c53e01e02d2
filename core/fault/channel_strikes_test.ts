import { assertEquals } from "@std/assert";
import type { FaultPlan } from "./fault.ts";
import { channelStrikes, createStruck, noteStrike } from "./channel_strikes.ts";

const PLAN: FaultPlan = [
  { on: "channel", give: "stall", byte: 900, stall_ms: "ever" },
  { on: "channel2", give: "drop", byte: 5 },
  { on: "user", give: "cancel", at: "setup", nth: 1 },
  { on: "channel", give: "corrupt", byte: 7 },
];

Deno.test("each channel has its own strikes, in the order of their bytes, and knows them by the plan's numbers", () => {
  const struck = createStruck(PLAN);
  assertEquals(channelStrikes(PLAN, 0, struck)?.strikes, [
    { give: "corrupt", byte: 7, stallMs: 0, fault: 3 },
    { give: "stall", byte: 900, stallMs: Infinity, fault: 0 },
  ]);
  assertEquals(channelStrikes(PLAN, 2, struck)?.strikes.map(({ fault }) => fault), [1]);
  assertEquals(channelStrikes(PLAN, 1, struck), null);
});

Deno.test("a host without room has none for the first byte of the main channel", () => {
  const plan: FaultPlan = [{ on: "host", side: "destination", give: "ENOSPC" }];
  const struck = createStruck(plan);
  assertEquals(channelStrikes(plan, 0, struck)?.strikes[0]?.give, "ENOSPC");
  assertEquals(channelStrikes(plan, 1, struck), null);
});

Deno.test("the first strike is the one that is taken down, also at the moment 0", () => {
  const struck = createStruck(PLAN);
  noteStrike(struck, 1, 0);
  noteStrike(struck, 3, 12);
  noteStrike(struck, 3, 99);
  assertEquals([...struck].map((atNs) => atNs > 0), [false, true, false, true]);
  assertEquals(struck[3], 12);
});
