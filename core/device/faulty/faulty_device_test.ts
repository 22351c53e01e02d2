import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Fault, LieFault } from "../../fault/mod.ts";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE, PRECOPY_INFO } from "../../vfio/mod.ts";
import { isMovable, takeOverDevice } from "../hand_over.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { SimulatedDevice } from "../simulated/simulated_device.ts";
import { createFakeClock, type FakeClock } from "../simulated/testdata/fake_clock.ts";
import { memoryOf } from "../simulated/testdata/memory.ts";
import { FaultyDevice } from "./faulty_device.ts";
import { injectionsOf, innerDevice, withFaults } from "./mod.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY } = DEVICE_STATE;
const KIB = 1024;

/** 64 KiB, half of them precopied. */
const PROFILE: DeviceProfile = {
  ...GENERIC_PROFILE,
  state_size: 64 * KIB,
  initial_fraction: 0.5,
  chunk_size: 4 * KIB,
};

function lie(name: LieFault["lie"], side: LieFault["side"] = "source"): Fault {
  return { on: "nic0", side, give: "lie", lie: name };
}

function faultyDevice(
  plan: readonly Fault[],
  side: "source" | "destination" = "source",
): [FaultyDevice, FakeClock] {
  const clock = createFakeClock();
  const inner = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory: null });
  const device = withFaults(inner, plan, side, 1, clock);
  assert(device instanceof FaultyDevice);
  return [device, clock];
}

/** Reads in these lengths; what each gave. */
function reads(device: FaultyDevice, ...lengths: number[]): number[] {
  return lengths.map((length) => device.read(null, length));
}

/** Reads until nothing more comes; how many bytes that were. */
function readAll(device: FaultyDevice): number {
  let sum = 0;
  for (let n = 0; (n = device.read(null, 8 * KIB)) > 0;) sum += n;
  return sum;
}

function sizeOf(device: FaultyDevice): number {
  const out = { stopCopyLength: -1 };
  const result = device.getDataSize(out);
  return result < 0 ? result : out.stopCopyLength;
}

function infoOf(device: FaultyDevice): number[] {
  const out = { flags: 0, initialBytes: -1, dirtyBytes: -1 };
  const result = device.getPrecopyInfo(out);
  return result < 0 ? [result] : [out.initialBytes, out.dirtyBytes, out.flags];
}

Deno.test("where nothing is to happen, the device is used as it is", () => {
  const clock = createFakeClock();
  const inner = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory: null });
  assertEquals(withFaults(inner, [], "source", 1, clock), inner);
  assertEquals(withFaults(inner, [lie("size-zero")], "destination", 1, clock), inner);
  assertEquals(injectionsOf([inner]), []);
  assertEquals(innerDevice(inner), inner);
});

Deno.test("a read that fails is not made: the bytes come with the next one", () => {
  const [device] = faultyDevice([
    { on: "nic0", side: "source", call: "read", nth: 2, times: 2, give: "EINTR" },
  ]);
  assertEquals(device.setState(PRE_COPY), 0);
  const { EINTR } = ERRNO;
  assertEquals(reads(device, 100, 100, 100, 100), [100, -EINTR, -EINTR, 100]);
  assertEquals(injectionsOf([device]), [
    { fault: 0, atNs: 1e15, times: 2, nth: 2, byte: 100 },
  ]);
});

Deno.test("short reads and writes move no more than they may", () => {
  const [source] = faultyDevice([
    { on: "nic0", side: "source", call: "read", nth: 1, times: 1, give: "short", bytes: 7 },
  ]);
  assertEquals(source.setState(PRE_COPY), 0);
  assertEquals(reads(source, 100, 100), [7, 100]);

  const clock = createFakeClock();
  const { inner } = source;
  assert(inner instanceof SimulatedDevice);
  const loader = new SimulatedDevice({
    id: "nic0",
    profile: PROFILE,
    clock,
    memory: null,
    headerFeed: inner.stream.headerLog,
  });
  const destination = withFaults(
    loader,
    [{
      on: "nic0",
      side: "destination",
      call: "write",
      nth: 1,
      times: 1,
      give: "short",
      bytes: 5,
    }],
    "destination",
    1,
    clock,
  );
  assert(destination instanceof FaultyDevice);
  assertEquals(destination.setState(RESUMING), 0);
  assertEquals([destination.write(null, 0, 107), destination.write(null, 5, 102)], [5, 102]);
});

Deno.test("a slow call takes as much longer on the device's clock", () => {
  const [device, clock] = faultyDevice([
    {
      on: "nic0",
      side: "source",
      call: "getDataSize",
      nth: 2,
      times: 1,
      give: "slow",
      delay_ms: 3,
    },
  ]);
  const began = clock.now;
  sizeOf(device);
  assertEquals(clock.now, began);
  sizeOf(device);
  assertEquals(clock.now, began + 3e6);
});

Deno.test("a device that is gone shows ERROR and answers ENODEV to everything, and can be closed", () => {
  const [device] = faultyDevice([
    { on: "nic0", side: "source", call: "getPrecopyInfo", nth: 1, times: 1, give: "ENODEV" },
  ]);
  assertEquals(device.setState(PRE_COPY), 0);
  const { ENODEV } = ERRNO;
  assertEquals(infoOf(device), [-ENODEV]);
  assertEquals(device.getState(), ERROR);
  const calls = [
    device.read(null, 1),
    device.write(null, 0, 1),
    device.setState(RUNNING),
    device.setPrecopyInfoV2(),
    device.reset(),
    sizeOf(device),
  ];
  assertEquals(calls, calls.map(() => -ENODEV));
  device.close();
});

Deno.test("every call can fail", () => {
  const { EBUSY } = ERRNO;
  const calls = [
    "setState",
    "setPrecopyInfoV2",
    "getDataSize",
    "getPrecopyInfo",
    "read",
    "reset",
  ] as const;
  for (const call of calls) {
    const [device] = faultyDevice([
      { on: "nic0", side: "source", call, nth: 1, times: "ever", give: "EBUSY" },
    ]);
    const gave: Record<string, number> = {
      setState: device.setState(PRE_COPY),
      setPrecopyInfoV2: device.setPrecopyInfoV2(),
      getDataSize: sizeOf(device),
      getPrecopyInfo: infoOf(device)[0] ?? 0,
      read: device.read(null, 1),
      reset: device.reset(),
    };
    assertEquals(gave[call], -EBUSY);
    // Without a session, those on the data_fd fail by themselves.
    const others = Object.entries(gave).filter(([name, result]) =>
      name !== call && result === -EBUSY
    );
    assertEquals(others, [], call);
  }
});

Deno.test("sizes that are not so: MIG_DATA_SIZE", () => {
  const told = (name: LieFault["lie"]) => sizeOf(faultyDevice([lie(name)])[0]);
  const truth = sizeOf(faultyDevice([lie("precopy-zero")])[0]);
  assertEquals(told("size-constant"), 64 * KIB);
  assertEquals(told("size-too-small"), Math.floor(truth / 16));
  assertEquals(told("size-too-large"), truth * 16);
  assertEquals(told("size-error"), -ERRNO.EIO);
  assertEquals(told("size-negative"), -ERRNO.EINVAL);
});

Deno.test("a lie is told only of what was changed", () => {
  const [device] = faultyDevice([lie("size-stuck"), lie("reinit-first")]);
  sizeOf(device);
  sizeOf(device);
  assertEquals(injectionsOf([device]), []);
  assertEquals(device.setState(PRE_COPY), 0);
  infoOf(device);
  assertEquals(injectionsOf([device]).map(({ fault, times }) => [fault, times]), [[1, 1]]);
});

Deno.test("REINIT comes when the liar says so; garbage flags spare what the kernel clears", () => {
  const [device] = faultyDevice([lie("reinit-forever")]);
  assertEquals([device.setPrecopyInfoV2(), device.setState(PRE_COPY)], [0, 0]);
  assertEquals(infoOf(device)[2], PRECOPY_INFO.REINIT);
  assertEquals(infoOf(device)[2], PRECOPY_INFO.REINIT);
  const [garbage] = faultyDevice([lie("garbage-flags")]);
  assertEquals(garbage.setState(PRE_COPY), 0);
  assertEquals(infoOf(garbage)[2], 0xffff_ffff);
  assertEquals(garbage.setPrecopyInfoV2(), 0);
  assertEquals(infoOf(garbage)[2], 0xffff_fffe);
});

Deno.test("ENOMSG for ever: nothing in PRE_COPY, all of it in STOP_COPY", () => {
  const [device] = faultyDevice([lie("enomsg-forever")]);
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(reads(device, 100, 100), [-ERRNO.ENOMSG, -ERRNO.ENOMSG]);
  assertEquals(device.setState(STOP_COPY), 0);
  assert(readAll(device) > 64 * KIB);
});

Deno.test("in STOP_COPY: ENOMSG, an end that comes early, bytes after the end", () => {
  const stopped = (name: LieFault["lie"]) => {
    const [device] = faultyDevice([lie(name)]);
    assertEquals(device.setState(STOP_COPY), 0);
    return device;
  };
  assertEquals(reads(stopped("enomsg-at-stop"), 100), [-ERRNO.ENOMSG]);
  const [first = 0, second] = reads(stopped("ends-early"), 8 * KIB, 8 * KIB);
  assert(first > 0);
  assertEquals(second, 0);
  const truth = readAll(stopped("size-zero"));
  assertEquals(readAll(stopped("surplus-at-end")), truth + 4 * KIB);
});

Deno.test("a state that does not change: success is what it says, and where it was is where it is", () => {
  const [device] = faultyDevice([lie("state-unchanged")]);
  assertEquals([device.setState(PRE_COPY), device.getState()], [0, RUNNING]);
  const [one] = faultyDevice([{
    on: "nic0",
    side: "source",
    give: "lie",
    lie: "state-unchanged",
    state: "STOP_COPY",
  }]);
  assertEquals([one.setState(PRE_COPY), one.getState()], [0, PRE_COPY]);
  assertEquals([one.setState(STOP_COPY), one.getState()], [0, PRE_COPY]);
  assertEquals([one.setState(STOP), one.getState()], [0, STOP]);
});

Deno.test("changed bytes: one bit of each read", () => {
  const clock = createFakeClock();
  const memory = memoryOf(64 * KIB, null);
  const inner = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory });
  const device = withFaults(inner, [lie("bytes-changed")], "source", 1, clock);
  assert(device instanceof FaultyDevice);
  try {
    assertEquals(device.setState(STOP_COPY), 0);
    const region = regionOf(new ArrayBuffer(4 * KIB));
    const header = device.read(region, 24);
    const n = device.read(region, 1 * KIB);
    assertEquals([header, n], [24, KIB]);
    assertEquals(region.bytes.slice(0, n).reduce((sum, byte) => sum + byte, 0), 1);
    assertEquals(region.bytes[n / 2], 1);
  } finally {
    device.close();
  }
});

Deno.test("handed over and taken back, a device and its faults go on where they were", () => {
  const [device, clock] = faultyDevice([
    { on: "nic0", side: "source", call: "read", nth: 3, times: 1, give: "EIO" },
  ]);
  assert(isMovable(device));
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(reads(device, 10), [10]);
  const there = takeOverDevice(structuredClone(device.handOver()), clock);
  assert(there instanceof FaultyDevice);
  assertEquals(reads(there, 10, 10), [10, -ERRNO.EIO]);
  device.takeBack(structuredClone(there.handOver()));
  assertEquals(injectionsOf([device]).map(({ nth, byte }) => [nth, byte]), [[3, 20]]);
  assertEquals(reads(device, 10), [10]);
});

Deno.test("a device that cannot be handed over is not, with faults or without", () => {
  const clock = createFakeClock();
  const inner = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory: null });
  const still = {
    id: inner.id,
    migrationFlags: inner.migrationFlags,
    getState: () => inner.getState(),
    setState: () => 0,
    setPrecopyInfoV2: () => 0,
    getDataSize: () => 0,
    getPrecopyInfo: () => 0,
    read: () => 0,
    write: () => 0,
    reset: () => 0,
    image: () => null,
    close() {},
  };
  const device = withFaults(still, [lie("size-zero")], "source", 1, clock);
  assertEquals(isMovable(device), false);
  assert(device instanceof FaultyDevice);
  assertThrows(() => device.handOver(), TypeError, "Cannot hand over nic0");
});
