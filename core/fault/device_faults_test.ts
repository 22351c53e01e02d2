import { assertEquals } from "@std/assert";
import { createDeviceFaults, deviceInjections, noteHit } from "./device_faults.ts";
import type { FaultPlan } from "./fault.ts";

const PLAN: FaultPlan = [
  { on: "channel", give: "drop", byte: 0 },
  { on: "nic0", side: "source", call: "read", nth: 1, times: 1, give: "EIO" },
  { on: "nic0", side: "destination", call: "write", nth: 1, times: 1, give: "EIO" },
  { on: "nic1", side: "source", give: "lie", lie: "size-zero" },
];

Deno.test("a device gets its own faults of its own side, with their places in the plan", () => {
  const places = (device: string, side: "source" | "destination") => {
    const faults = createDeviceFaults(PLAN, device, side, 1);
    return faults && [...faults.rules, ...faults.lies].map(({ place }) => place);
  };
  assertEquals(places("nic0", "source"), [1]);
  assertEquals(places("nic0", "destination"), [2]);
  assertEquals(places("nic1", "source"), [3]);
});

Deno.test("a device for which there is nothing gets nothing", () => {
  assertEquals(createDeviceFaults([], "nic0", "source", 1), null);
  assertEquals(createDeviceFaults(PLAN, "nic1", "destination", 1), null);
  assertEquals(createDeviceFaults(PLAN, "channel", "source", 1), null);
});

Deno.test("it is plain data: what went through a postMessage goes on where it was", () => {
  const faults = createDeviceFaults(PLAN, "nic1", "source", 1);
  if (faults === null) throw new TypeError("Cannot test nothing");
  const [lying] = faults.lies;
  if (lying !== undefined) noteHit(lying.hits, 5, 0, 0);
  const there = structuredClone(faults);
  const [moved] = there.lies;
  if (moved !== undefined) noteHit(moved.hits, 9, 0, 0);
  assertEquals(deviceInjections(there), [{ fault: 3, atNs: 5, times: 2 }]);
});
