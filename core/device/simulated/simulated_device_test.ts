import { assertEquals, assertNotEquals } from "@std/assert";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  MIGRATION,
  PRECOPY_INFO,
  type PrecopyInfo,
} from "../../vfio/mod.ts";
import type { Device } from "../device.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { SimulatedDevice } from "./simulated_device.ts";
import { createFakeClock, type FakeClock } from "./testdata/fake_clock.ts";
import { bytesOf, memoryOf } from "./testdata/memory.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } =
  DEVICE_STATE;
const HEADER = 24;
const MS = 1e6;
const MIB = 1024 * 1024;
/** 1000 bytes, 600 of them precopied, in chunks of 100. */
const SMALL: Partial<DeviceProfile> = { state_size: 1000, initial_fraction: 0.6, chunk_size: 100 };
/** SMALL's stream without precopy: two records and the end. */
const FULL = 1000 + 3 * HEADER;

function deviceOf(profile: Partial<DeviceProfile> = {}): [SimulatedDevice, FakeClock] {
  const clock = createFakeClock();
  const whole = { ...GENERIC_PROFILE, ...SMALL, ...profile };
  return [new SimulatedDevice({ id: "test", profile: whole, clock, memory: null }), clock];
}

/** A destination that follows what this device sends. */
function loaderOf(source: SimulatedDevice, profile: Partial<DeviceProfile> = {}): [
  SimulatedDevice,
  FakeClock,
] {
  const clock = createFakeClock();
  const whole = { ...GENERIC_PROFILE, ...SMALL, ...profile };
  const headerFeed = source.stream.headerLog;
  return [
    new SimulatedDevice({ id: "to", profile: whole, clock, memory: null, headerFeed }),
    clock,
  ];
}

/** Precopy info, or the errno. */
function infoOf(device: Device, flags = 0): PrecopyInfo | number {
  const info = { flags, initialBytes: -1, dirtyBytes: -1 };
  const result = device.getPrecopyInfo(info);
  return result < 0 ? result : info;
}

function sizeOf(device: Device): number {
  const size = { stopCopyLength: -1 };
  const result = device.getDataSize(size);
  return result < 0 ? result : size.stopCopyLength;
}

/** What the four calls on the data_fd answer. */
function dataFdCalls(device: Device): unknown[] {
  return [infoOf(device), device.read(null, 1), device.write(null, 0, 1)];
}

/** Reads until there is nothing more, for now or for good; how much that was. */
function readAll(device: Device): number {
  let sum = 0;
  for (let n = 0; (n = device.read(null, MIB)) > 0;) sum += n;
  return sum;
}

/** Takes the device to the state; what that cost on its clock, in milliseconds. */
function move(device: Device, clock: FakeClock, state: DeviceState): number {
  const start = clock.now;
  assertEquals(device.setState(state), 0);
  assertEquals(device.getState(), state);
  return (clock.now - start) / MS;
}

Deno.test("the feature set follows the profile", () => {
  const { STOP_COPY, P2P, PRE_COPY } = MIGRATION;
  const flags = (profile: Partial<DeviceProfile>) => deviceOf(profile)[0].migrationFlags;
  assertEquals(flags({}), STOP_COPY | P2P | PRE_COPY);
  assertEquals(flags({ p2p: false }), STOP_COPY | PRE_COPY);
  assertEquals(flags({ precopy: false }), STOP_COPY | P2P);
  assertEquals(flags({ p2p: false, precopy: false }), STOP_COPY);
});

Deno.test("a state that the device does not have, and one without a way, is EINVAL", () => {
  const [bare] = deviceOf({ p2p: false, precopy: false });
  for (const state of [PRE_COPY, PRE_COPY_P2P, RUNNING_P2P, ERROR]) {
    assertEquals(bare.setState(state), -ERRNO.EINVAL);
    assertEquals(bare.getState(), RUNNING);
  }
  assertEquals(bare.setPrecopyInfoV2(), -ERRNO.EINVAL);
  const [old] = deviceOf({ precopy: false, precopy_info_v2: false });
  assertEquals(old.setPrecopyInfoV2(), -ERRNO.ENOTTY);
  const [device] = deviceOf();
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.setState(PRE_COPY), -ERRNO.EINVAL);
  assertEquals(device.getState(), STOP_COPY);
  assertEquals(device.setState(STOP_COPY), 0);
});

Deno.test("precopy gives initial data, then ENOMSG; stop-copy the rest, then 0", () => {
  const [device] = deviceOf();
  device.setState(PRE_COPY);
  assertEquals(infoOf(device), { flags: 0, initialBytes: 600 + HEADER, dirtyBytes: 0 });
  assertEquals(device.read(null, 1000), 600 + HEADER);
  assertEquals(device.read(null, 1000), -ERRNO.ENOMSG);
  assertEquals(device.read(null, 1000), -ERRNO.ENOMSG);
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 0 });
  device.setState(PRE_COPY_P2P);
  assertEquals(device.read(null, 1000), -ERRNO.ENOMSG);
  device.setState(STOP_COPY);
  assertEquals(sizeOf(device), 400 + 2 * HEADER);
  assertEquals(device.read(null, 1000), 400 + 2 * HEADER);
  assertEquals(device.read(null, 1000), 0);
  assertEquals(device.read(null, 1000), 0);
});

Deno.test("a device as mtty gives 0 where others give ENOMSG", () => {
  const [device] = deviceOf({ empty_read: "0" });
  device.setState(PRE_COPY);
  assertEquals(device.read(null, 1000), 600 + HEADER);
  assertEquals(device.read(null, 1000), 0);
  device.setState(STOP_COPY);
  assertEquals(device.read(null, 1000), 400 + 2 * HEADER);
});

Deno.test("a session without precopy reads the whole state", () => {
  const [device] = deviceOf();
  assertEquals(sizeOf(device), FULL);
  device.setState(STOP_COPY);
  assertEquals(sizeOf(device), FULL);
  assertEquals(device.read(null, 10_000), FULL);
});

Deno.test("no read gives more than read_limit", () => {
  const [device] = deviceOf({ read_limit: 100 });
  device.setState(STOP_COPY);
  const reads: number[] = [];
  for (let n = 0; (n = device.read(null, 1000)) > 0;) reads.push(n);
  assertEquals(reads, [...new Array<number>(10).fill(100), FULL - 1000]);
  assertEquals(deviceOf({ read_limit: 100 })[0].setState(STOP_COPY), 0);
});

Deno.test("a planted slowdown adds a part of what each read and write really takes", () => {
  const rates = { save_rate: 1000, load_rate: 4000, slowdown_ratio: 0.5 };
  const [source, clock] = deviceOf(rates);
  source.setState(STOP_COPY);
  const began = clock.now;
  assertEquals(source.read(null, 1000), 1000);
  assertEquals(clock.now - began, 1000 * MS * 1.5);
  const [to, toClock] = loaderOf(source, rates);
  to.setState(RESUMING);
  const loadBegan = toClock.now;
  assertEquals(to.write(null, 0, 1000), 1000);
  assertEquals(toClock.now - loadBegan, 250 * MS * 1.5);
  // Where a call takes no time there is nothing to slow down.
  const [fast, standing] = deviceOf({ slowdown_ratio: 0.5 });
  fast.setState(STOP_COPY);
  assertEquals(fast.read(null, 1000), 1000);
  assertEquals(standing.now, createFakeClock().now);
});

Deno.test("the data_fd's calls are EBADF before any session, in the wrong direction, after close", () => {
  const { EBADF, ENOTTY } = ERRNO;
  const [device] = deviceOf();
  assertEquals(dataFdCalls(device), [-EBADF, -EBADF, -EBADF]);
  device.setState(RESUMING);
  assertEquals(infoOf(device), -ENOTTY);
  assertEquals(device.read(null, 1), -EBADF);
  device.reset();
  device.setState(PRE_COPY);
  assertEquals(device.write(null, 0, 1), -EBADF);
  device.close();
  device.close();
  assertEquals(dataFdCalls(device), [-EBADF, -EBADF, -EBADF]);
  assertEquals(device.setState(RUNNING), -EBADF);
  assertEquals(device.setPrecopyInfoV2(), -EBADF);
  assertEquals(sizeOf(device), -EBADF);
  assertEquals(device.reset(), -EBADF);
});

Deno.test("precopy info is EINVAL in STOP_COPY", () => {
  const [device] = deviceOf();
  device.setState(PRE_COPY);
  device.setState(STOP_COPY);
  assertEquals(infoOf(device), -ERRNO.EINVAL);
});

Deno.test("once its session is over the data_fd is ENODEV, whatever ended it", () => {
  const { ENODEV } = ERRNO;
  const endings: ((device: Device) => number)[] = [
    (device) => device.setState(RUNNING),
    (device) => device.setState(STOP),
    (device) => device.setState(RUNNING_P2P),
    (device) => device.reset(),
  ];
  for (const end of endings) {
    const [device] = deviceOf();
    device.setState(PRE_COPY);
    assertEquals(end(device), 0);
    assertEquals(dataFdCalls(device), [-ENODEV, -ENODEV, -ENODEV]);
    // A new session begins again.
    assertEquals(device.setState(RUNNING), 0);
    assertEquals(device.setState(PRE_COPY), 0);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 600 + HEADER, dirtyBytes: 0 });
  }
});

Deno.test("the guest dirties in PRE_COPY, and stands still from PRE_COPY_P2P on", () => {
  // A chunk of 100 each millisecond, round and round over 300.
  const [device, clock] = deviceOf({ dirty_rate: 100_000, dirty_span: 300 });
  clock.now += 50 * MS;
  device.setState(PRE_COPY);
  device.read(null, 1000);
  clock.now += 2.5 * MS;
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 200 + HEADER });
  clock.now += 50 * MS;
  assertEquals(sizeOf(device), 300 + 400 + (2 + 2) * HEADER);
  assertEquals(device.read(null, 1000), 300 + 2 * HEADER);
  device.setState(PRE_COPY_P2P);
  clock.now += 50 * MS;
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 0 });
  device.setState(PRE_COPY);
  clock.now += 1 * MS;
  assertEquals(device.read(null, 1000), 100 + HEADER);
});

Deno.test("what the guest dirties while the device is still stopping moves too", () => {
  const [device] = deviceOf({ dirty_rate: 100_000, suspend_p2p_ms: 3 });
  device.setState(PRE_COPY);
  device.read(null, 1000);
  device.setState(PRE_COPY_P2P);
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 300 + HEADER });
});

Deno.test("a request costs what its arcs cost", () => {
  const costs = {
    precopy_enter_ms: 1,
    suspend_p2p_ms: 10,
    suspend_stop_ms: 100,
    stop_copy_enter_ms: 1000,
    resuming_enter_ms: 10_000,
    load_finish_ms: 100_000,
    resume_ms: 1_000_000,
  };
  const [device, clock] = deviceOf(costs);
  assertEquals(move(device, clock, PRE_COPY), 1);
  assertEquals(move(device, clock, PRE_COPY_P2P), 10);
  assertEquals(move(device, clock, STOP_COPY), 1100);
  const length = device.read(null, 10_000);
  const [to, toClock] = loaderOf(device, costs);
  assertEquals(move(to, toClock, RESUMING), 10_110);
  assertEquals(to.write(null, 0, length), length);
  assertEquals(move(to, toClock, RUNNING_P2P), 1_100_000);
  assertEquals(move(to, toClock, RUNNING), 0);
});

Deno.test("saving and loading are held to their rates", () => {
  const [device, clock] = deviceOf({ state_size: 4 * MIB, save_rate: 2 * MIB });
  device.setState(STOP_COPY);
  const start = clock.now;
  const length = readAll(device);
  assertEquals(Math.round((clock.now - start) / MS), Math.round(length / (2 * MIB) * 1000));

  const [to, toClock] = loaderOf(device, { state_size: 4 * MIB, load_rate: 8 * MIB });
  to.setState(RESUMING);
  const loadStart = toClock.now;
  assertEquals(to.write(null, 0, length), length);
  assertEquals(Math.round((toClock.now - loadStart) / MS), Math.round(length / (8 * MIB) * 1000));
});

Deno.test("the destination pays for new state as it arrives, and not for what it has seen", () => {
  const profile = { state_size: 4 * MIB, initial_fraction: 0.5, chunk_size: MIB };
  const [device, clock] = deviceOf({ ...profile, dirty_rate: 1000 * MIB });
  device.setState(PRE_COPY);
  const first = readAll(device);
  clock.now += 1 * MS; // one chunk
  device.setState(STOP_COPY);
  const second = readAll(device);

  const [to, toClock] = loaderOf(device, { ...profile, prealloc_ms_per_mib: 7 });
  to.setState(RESUMING);
  const start = toClock.now;
  to.write(null, 0, first);
  assertEquals((toClock.now - start) / MS, 2 * 7);
  to.write(null, 0, second);
  assertEquals(second, 3 * MIB + 3 * HEADER);
  assertEquals(Math.round((toClock.now - start) / MS), 4 * 7);
});

Deno.test("RESUMING to STOP refuses an incomplete state, and the device stays in RESUMING", () => {
  const [device] = deviceOf();
  device.setState(STOP_COPY);
  const length = device.read(null, 10_000);
  const [to] = loaderOf(device);
  to.setState(RESUMING);
  assertEquals(to.setState(RUNNING), -ERRNO.EINVAL);
  assertEquals(to.getState(), RESUMING);
  assertEquals(to.write(null, 0, length - 1), length - 1);
  assertEquals(to.setState(STOP), -ERRNO.EINVAL);
  assertEquals(to.getState(), RESUMING);
  assertEquals(to.write(null, 0, 1), 1);
  assertEquals(to.write(null, 0, 1), -ERRNO.ENOMEM);
  assertEquals(to.setState(RUNNING), 0);
  assertEquals(to.write(null, 0, 1), -ERRNO.ENODEV);
});

Deno.test("a reset leads out of a failed RESUMING, and forgets what was loaded", () => {
  const [device] = deviceOf();
  device.setState(STOP_COPY);
  const length = device.read(null, 10_000);
  const headers = [...device.stream.headerLog ?? []];
  const [to] = loaderOf(device);
  to.setState(RESUMING);
  to.write(null, 0, length - 10);
  assertEquals(to.reset(), 0);
  assertEquals(to.getState(), RUNNING);
  device.stream.headerLog?.splice(0, Infinity, ...headers);
  assertEquals(to.setState(RESUMING), 0);
  assertEquals(to.write(null, 0, length), length);
  assertEquals(to.setState(STOP), 0);
});

Deno.test("with the opt-in one query reports the REINIT, with all that is left as new initial data", () => {
  const [device, clock] = deviceOf({
    dirty_rate: 100_000,
    reinit_at_ms: [2, 2.5],
    reinit_size: 200,
  });
  assertEquals(device.setPrecopyInfoV2(), 0);
  device.setState(PRE_COPY);
  device.read(null, 1000);
  clock.now += 1 * MS;
  assertEquals(infoOf(device, 77), { flags: 0, initialBytes: 0, dirtyBytes: 100 + HEADER });
  clock.now += 1 * MS;
  assertEquals(infoOf(device), {
    flags: PRECOPY_INFO.REINIT,
    initialBytes: 200 + HEADER + 200 + HEADER,
    dirtyBytes: 0,
  });
  assertEquals(infoOf(device), { flags: 0, initialBytes: 400 + 2 * HEADER, dirtyBytes: 0 });
  device.read(null, 1000);
  clock.now += 0.5 * MS;
  assertEquals(infoOf(device), { flags: PRECOPY_INFO.REINIT, initialBytes: 224, dirtyBytes: 0 });
});

Deno.test("without the opt-in a REINIT is just more dirty state, and flags come back as they went", () => {
  const [device, clock] = deviceOf({ reinit_at_ms: [2], reinit_size: 200 });
  device.setState(PRE_COPY);
  device.read(null, 1000);
  clock.now += 2 * MS;
  assertEquals(sizeOf(device), 200 + 400 + 3 * HEADER);
  assertEquals(infoOf(device, 77), { flags: 77, initialBytes: 0, dirtyBytes: 200 + HEADER });
  assertEquals(device.read(null, 1000), 200 + HEADER);
  assertEquals(device.read(null, 1000), -ERRNO.ENOMSG);
});

Deno.test("a REINIT that nobody asked about moves as dirty state once stopped", () => {
  for (const suspend_p2p_ms of [0, 5]) {
    // With an arc that takes time, the device is reconfigured while it stops.
    const profile = { reinit_at_ms: [2], reinit_size: 200, suspend_p2p_ms };
    const [device, clock] = deviceOf(profile);
    device.setPrecopyInfoV2();
    device.setState(PRE_COPY);
    device.read(null, 1000);
    if (suspend_p2p_ms === 0) clock.now += 2 * MS;
    device.setState(PRE_COPY_P2P);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 200 + HEADER });
    device.setState(STOP_COPY);
    assertEquals(sizeOf(device), 200 + 400 + 3 * HEADER);
    assertEquals(device.read(null, 1000), 200 + 400 + 3 * HEADER);
  }
});

Deno.test("the opt-in outlives a reset, as in the kernel", () => {
  const [device, clock] = deviceOf({ reinit_at_ms: [1], reinit_size: 200 });
  device.setPrecopyInfoV2();
  device.setState(PRE_COPY);
  device.reset();
  device.setState(PRE_COPY);
  clock.now += 1 * MS;
  const info = infoOf(device);
  assertEquals(typeof info === "number" ? info : info.flags, PRECOPY_INFO.REINIT);
});

Deno.test("every session sees the REINITs of its own", () => {
  const [device, clock] = deviceOf({ reinit_at_ms: [1], reinit_size: 200 });
  device.setPrecopyInfoV2();
  for (let session = 0; session < 2; session++) {
    device.setState(PRE_COPY);
    device.read(null, 1000);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 0 });
    clock.now += 1 * MS;
    assertEquals(infoOf(device), { flags: 1, initialBytes: 200 + HEADER, dirtyBytes: 0 });
    device.setState(RUNNING);
  }
});

Deno.test("dirtying by count comes after every so many reads, whatever the time", () => {
  const [device, clock] = deviceOf({ dirty_every_reads: 2, dirty_read_size: 250 });
  device.setState(PRE_COPY);
  const answers: number[] = [];
  for (let read = 0; read < 8; read++) {
    answers.push(device.read(null, 1000));
    clock.now += read * MS;
  }
  const two = 200 + HEADER;
  // The second read found nothing and is followed by dirtying all the same.
  const none = -ERRNO.ENOMSG;
  assertEquals(answers, [600 + HEADER, none, two, none, two, none, two, none]);
  device.setState(PRE_COPY_P2P);
  device.setState(STOP_COPY);
  assertEquals(device.read(null, 10_000), two + 400 + 2 * HEADER);
});

Deno.test("dirtying by count changes the state, and is part of what is dirty by time", () => {
  const profile = { ...GENERIC_PROFILE, ...SMALL, dirty_every_reads: 1, dirty_read_size: 300 };
  const clock = createFakeClock();
  const memory = memoryOf(1000, 1);
  const before = bytesOf(memory);
  const device = new SimulatedDevice({
    id: "m",
    profile: { ...profile, dirty_rate: 100_000 },
    clock,
    memory,
  });
  device.setState(PRE_COPY);
  device.read(regionOf(new ArrayBuffer(1000)), 1000);
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 300 + HEADER });
  clock.now += 1 * MS;
  assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 400 + HEADER });
  const after = bytesOf(memory);
  for (const chunk of [0, 1, 2, 3]) {
    assertNotEquals(
      after.subarray(chunk * 100, chunk * 100 + 8),
      before.subarray(chunk * 100, chunk * 100 + 8),
    );
  }
  assertEquals(after.subarray(400), before.subarray(400));
  device.close();
});

Deno.test("REINIT by count comes after so many reads of the session", () => {
  for (const optedIn of [true, false]) {
    const [device] = deviceOf({ reinit_at_reads: [1, 3], reinit_size: 200 });
    if (optedIn) device.setPrecopyInfoV2();
    for (let session = 0; session < 2; session++) {
      device.setState(PRE_COPY);
      assertEquals(infoOf(device), { flags: 0, initialBytes: 600 + HEADER, dirtyBytes: 0 });
      device.read(null, 1000);
      const fresh = 200 + HEADER;
      const expected = optedIn
        ? { flags: PRECOPY_INFO.REINIT, initialBytes: fresh, dirtyBytes: 0 }
        : { flags: 0, initialBytes: 0, dirtyBytes: fresh };
      assertEquals(infoOf(device), expected);
      assertEquals(device.read(null, 1000), fresh);
      assertEquals(infoOf(device), { flags: 0, initialBytes: 0, dirtyBytes: 0 });
      assertEquals(device.read(null, 1000), -ERRNO.ENOMSG);
      assertEquals(infoOf(device), expected);
      device.setState(RUNNING);
    }
  }
});

Deno.test("MIG_DATA_SIZE is what the profile makes of it, in any state", () => {
  const { EIO, EINVAL } = ERRNO;
  const answers = (profile: Partial<DeviceProfile>) => {
    const [device] = deviceOf(profile);
    const sizes = [sizeOf(device)];
    for (const state of [PRE_COPY, STOP_COPY, STOP, RESUMING] as const) {
      device.setState(state);
      if (state === PRE_COPY) device.read(null, 100);
      sizes.push(sizeOf(device));
    }
    return sizes;
  };
  const left = FULL - 100;
  assertEquals(answers({ stop_copy_report: "exact" }), [FULL, left, left, FULL, FULL]);
  assertEquals(answers({ stop_copy_report: "noisy" }), [FULL, left, left, FULL, FULL]);
  assertEquals(answers({ stop_copy_report: "full-always" }), new Array(5).fill(FULL));
  assertEquals(
    answers({ stop_copy_report: "constant", stop_copy_constant: 9 }),
    new Array(5).fill(9),
  );
  assertEquals(answers({ stop_copy_report: "error" }), new Array(5).fill(-EIO));
  assertEquals(answers({ stop_copy_report: "errno-as-length" }), new Array(5).fill(-EINVAL));
});

Deno.test("the image is the device's memory until it is closed", () => {
  const profile = { ...GENERIC_PROFILE, ...SMALL };
  const memory = memoryOf(1000, 1);
  const device = new SimulatedDevice({ id: "m", profile, clock: createFakeClock(), memory });
  assertEquals(device.image(), { fd: memory.fd, length: 1000 });
  device.close();
  assertEquals(device.image(), null);
  assertEquals(deviceOf()[0].image(), null);
});
