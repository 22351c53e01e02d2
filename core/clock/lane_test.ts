import { assertEquals } from "@std/assert";
import { createLane } from "./lane.ts";
import { createVirtualClock } from "./virtual_clock.ts";

Deno.test("a lane is its parent until it splits and once it has joined", () => {
  const parent = createVirtualClock();
  const lane = createLane(parent);
  lane.sleepNs(10);
  parent.sleepNs(5);
  assertEquals([parent.nowNs(), lane.nowNs()], [15, 15]);
  lane.split();
  lane.sleepNs(100);
  lane.advanceTo(50);
  parent.sleepNs(20);
  assertEquals([parent.nowNs(), lane.nowNs()], [35, 115]);
  lane.join();
  assertEquals([parent.nowNs(), lane.nowNs()], [115, 115]);
  lane.advanceTo(200);
  assertEquals(parent.nowNs(), 200);
});

Deno.test("lanes go side by side: the parent goes on to the last of them", () => {
  const parent = createVirtualClock();
  const lanes = [30, 70, 50].map((duration_ns) => {
    const lane = createLane(parent);
    lane.split();
    lane.sleepNs(duration_ns);
    return lane;
  });
  for (const lane of lanes) lane.join();
  assertEquals(parent.nowNs(), 70);
});
