import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import type { Device } from "../device.ts";
import { createFakeClock, type FakeClock } from "../simulated/testdata/fake_clock.ts";
import { arcIndex, readRecording, recordedCalls } from "./recording.ts";
import { beginCall, createPace, takeAsLong } from "./replay_pace.ts";
import { ReplayedDevice } from "./replayed_device.ts";
import { capturePath } from "./testdata/captures.ts";

const { RUNNING, RUNNING_P2P, STOP, STOP_COPY, PRE_COPY, PRE_COPY_P2P, RESUMING } = DEVICE_STATE;
const MIB = 1024 * 1024;
const REGION = regionOf(new ArrayBuffer(MIB));
const MIGDEV = await readRecording(capturePath("migdev4-64K-dirty"));

function replay(
  make: typeof ReplayedDevice.source,
  speed: number | null,
  use: (device: Device, clock: FakeClock) => void,
): void {
  const clock = createFakeClock();
  const device = make("r", MIGDEV, speed === null ? null : { clock, speed });
  if (typeof device === "number") throw new Error(`Cannot make a device: received ${device}`);
  use(device, clock);
  device.close();
}

/** Asks in the recorded order; gives how long each call took. */
function durationsOf(device: Device, clock: FakeClock): number[] {
  device.setPrecopyInfoV2();
  return [...recordedCalls(MIGDEV)].map((call) => {
    const began = clock.now;
    if (call.call === "state") device.setState(call.state);
    if (call.call === "size") device.getDataSize({ stopCopyLength: 0 });
    if (call.call === "info") {
      device.getPrecopyInfo({ flags: 0, initialBytes: 0, dirtyBytes: 0 });
    }
    if (call.call === "read") device.read(REGION, MIB);
    return clock.now - began;
  });
}

/** What the recording says, less the calls that a stopped device refuses at once. */
function recordedNs(): number {
  let sum = 0;
  for (const call of recordedCalls(MIGDEV)) {
    if (call.call !== "info" || call.result >= 0) sum += call.durationNs;
  }
  return sum;
}

Deno.test("asked in the recorded order, a replay takes as long as was recorded, a debt below a sleep aside", () => {
  for (const speed of [1, 4, 0.5]) {
    replay(ReplayedDevice.source, speed, (device, clock) => {
      const sum = durationsOf(device, clock).reduce((a, b) => a + b, 0);
      assertAlmostEquals(sum, recordedNs() / speed, 50_000);
    });
  }
  replay(ReplayedDevice.source, null, (device, clock) => {
    assertEquals(new Set(durationsOf(device, clock)), new Set([0]));
  });
});

Deno.test("a read of a part of a recorded one takes that part of its time", () => {
  const took = [MIB, 4096].map((chunk) => {
    let ns = 0;
    replay(ReplayedDevice.source, 1, (device, clock) => {
      device.setState(STOP_COPY);
      const began = clock.now;
      while (device.read(REGION, chunk) > 0);
      ns = clock.now - began;
    });
    return ns;
  });
  assertAlmostEquals(took[0] ?? 0, took[1] ?? 0, 50_000);
});

Deno.test("arcs take what they took, with a step left out or not", () => {
  const { sourceArcsNs } = MIGDEV;
  for (const by of [[PRE_COPY_P2P, STOP_COPY], [STOP_COPY]]) {
    replay(ReplayedDevice.source, 1, (device, clock) => {
      device.setState(PRE_COPY);
      const began = clock.now;
      for (const state of by) device.setState(state);
      const expected = (sourceArcsNs[arcIndex(PRE_COPY, PRE_COPY_P2P)] ?? 0) +
        (sourceArcsNs[arcIndex(PRE_COPY_P2P, STOP_COPY)] ?? 0);
      assertGreater(expected, 0);
      assertAlmostEquals(clock.now - began, expected, 100_000);
    });
  }
});

Deno.test("a destination takes its time for its arcs and for every byte", () => {
  replay(ReplayedDevice.destination, 1, (device, clock) => {
    const began = clock.now;
    device.setState(RESUMING);
    for (let left = MIGDEV.length; left > 0; left -= Math.min(left, MIB)) {
      device.write(REGION, 0, Math.min(left, MIB));
    }
    device.setState(STOP);
    device.setState(RUNNING);
    const { destinationArcsNs: arcs, writeNsPerByte, length } = MIGDEV;
    const way = [STOP, RESUMING, STOP, RUNNING_P2P, RUNNING] as const;
    let inArcs = 0;
    for (const [i, to] of way.slice(1).entries()) {
      const ns = arcs[arcIndex(way[i] ?? STOP, to)] ?? 0;
      assertGreater(ns, 0);
      inArcs += ns;
    }
    const expected = length * writeNsPerByte + inArcs;
    assertAlmostEquals(clock.now - began, expected, 100_000);
  });
});

Deno.test("what a call took itself is not slept again, and is no credit for the next one", () => {
  const clock = createFakeClock();
  const pace = createPace({ clock, speed: 1 });
  const call = (tookNs: number, recordedNs: number) => {
    const began = beginCall(pace);
    clock.now += tookNs;
    takeAsLong(pace, began, recordedNs);
    return clock.now - began;
  };
  assertEquals(call(1e6, 3e6), 3e6);
  assertEquals(call(5e6, 3e6), 5e6);
  assertEquals(call(1e6, 3e6), 3e6);
});

Deno.test("debts that are too small to be slept off are added up", () => {
  const clock = createFakeClock();
  const pace = createPace({ clock, speed: 1 });
  const began = clock.now;
  for (let i = 0; i < 100; i++) takeAsLong(pace, beginCall(pace), 10_000);
  assertEquals(clock.now - began, 1_000_000);
});
