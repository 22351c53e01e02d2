import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createVirtualClock } from "../../clock/mod.ts";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import { readU64, writeU64 } from "../../vfio/mod.ts";
import {
  DIRTY_PAGES,
  REGION_REGISTER,
  REGION_STATE,
  REGION_STATE_ERROR,
  type RegionRegister,
  registerWidth,
} from "../../vfio/region/mod.ts";
import { compareImages } from "../compare_images.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { memoryOf } from "../simulated/testdata/memory.ts";
import { DATA_SECTION_OFFSET } from "./data_section.ts";
import type { RegionDevice } from "./region_device.ts";
import { REGION_DEFAULTS, type RegionOptions } from "./region_options.ts";
import { SimulatedRegionDevice } from "./simulated_region_device.ts";

const { DEVICE_STATE, RESERVED, PENDING_BYTES, DATA_OFFSET, DATA_SIZE } = REGION_REGISTER;
const { STOP, RUNNING, SAVING, RESUMING } = REGION_STATE;
const PRECOPY = SAVING | RUNNING;
const HEADER = 24;
const MS = 1e6;
/** 1000 bytes, 600 of them precopied, in chunks of 100; 256 bytes are staged at most. */
const SMALL: Partial<DeviceProfile> = { state_size: 1000, initial_fraction: 0.6, chunk_size: 100 };
const STAGING = 256;
const FULL = 1000 + 3 * HEADER;

interface Setup {
  readonly profile?: Partial<DeviceProfile>;
  readonly region?: Partial<RegionOptions>;
  readonly seed?: number;
}

function deviceOf({ profile, region, seed }: Setup = {}) {
  const clock = createVirtualClock();
  const whole = { ...GENERIC_PROFILE, ...SMALL, ...profile };
  const device = new SimulatedRegionDevice({
    id: "test",
    profile: whole,
    region: { ...REGION_DEFAULTS, region_size: DATA_SECTION_OFFSET + STAGING, ...region },
    clock,
    memory: seed === undefined ? null : memoryOf(whole.state_size, seed),
  });
  return { device, clock };
}

const view = new DataView(new ArrayBuffer(8));

/** The register's value, or the errno. */
function get(device: RegionDevice, register: RegionRegister): number {
  const width = registerWidth(register);
  const n = device.readRegion(view, register, width);
  if (n < 0) return n;
  assertEquals(n, width);
  return width === 4 ? view.getUint32(0, true) : readU64(view, 0);
}

/** 0, or the errno. */
function set(device: RegionDevice, register: RegionRegister, value: number): number {
  const width = registerWidth(register);
  if (width === 4) view.setUint32(0, value, true);
  else writeU64(view, 0, value);
  const n = device.writeRegion(view, register, width);
  return n === width ? 0 : n;
}

/** Saves chunk by chunk until nothing is left; their sizes. */
function saveAll(device: RegionDevice): number[] {
  const sizes: number[] = [];
  while (get(device, PENDING_BYTES) > 0) {
    assertEquals(get(device, DATA_OFFSET), DATA_SECTION_OFFSET);
    sizes.push(get(device, DATA_SIZE));
  }
  return sizes;
}

Deno.test("a device begins RUNNING, and its registers say nothing of a migration", () => {
  const { device } = deviceOf();
  assertEquals(get(device, DEVICE_STATE), RUNNING);
  assertEquals(get(device, RESERVED), 0);
  assertEquals([PENDING_BYTES, DATA_OFFSET, DATA_SIZE].map((r) => get(device, r)), [
    -ERRNO.EINVAL,
    -ERRNO.EINVAL,
    -ERRNO.EINVAL,
  ]);
});

Deno.test("an access that is unaligned, too narrow, too wide or out of range is EINVAL", () => {
  const { device } = deviceOf();
  const wide = new DataView(new ArrayBuffer(32));
  for (
    const [offset, length] of [
      [0, 8],
      [0, 1],
      [2, 4],
      [8, 4],
      [12, 4],
      [16, 16],
      [24, 2],
      [32, 8],
      [
        1e6,
        8,
      ],
      [-8, 8],
    ]
  ) {
    assertEquals(device.readRegion(wide, offset ?? 0, length ?? 0), -ERRNO.EINVAL);
    assertEquals(device.writeRegion(wide, offset ?? 0, length ?? 0), -ERRNO.EINVAL);
  }
  assertEquals(get(device, DEVICE_STATE), RUNNING);
});

Deno.test("what is no state is EINVAL and changes nothing, and read-only registers stay so", () => {
  const { device } = deviceOf();
  for (const state of [5, 6, 7, 8, 0xffff_ffff]) {
    assertEquals(set(device, DEVICE_STATE, state), -ERRNO.EINVAL);
    assertEquals(get(device, DEVICE_STATE), RUNNING);
  }
  assertEquals(set(device, PENDING_BYTES, 1), -ERRNO.EINVAL);
  assertEquals(set(device, DATA_OFFSET, 1), -ERRNO.EINVAL);
  assertEquals(set(device, RESERVED, 1), 0);
  assertEquals(get(device, RESERVED), 0);
});

Deno.test("reading data_offset stages a chunk, once until pending_bytes is read", () => {
  const { device } = deviceOf();
  set(device, DEVICE_STATE, PRECOPY);
  assertEquals(get(device, DATA_SIZE), -ERRNO.EINVAL); // nothing is staged yet
  const pending = 600 + HEADER;
  // Asking again has no effect.
  assertEquals([get(device, PENDING_BYTES), get(device, PENDING_BYTES)], [pending, pending]);
  assertEquals(get(device, DATA_OFFSET), DATA_SECTION_OFFSET);
  assertEquals(get(device, DATA_SIZE), STAGING);
  assertEquals(get(device, DATA_OFFSET), DATA_SECTION_OFFSET);
  assertEquals(get(device, DATA_SIZE), STAGING);
  assertEquals(get(device, PENDING_BYTES), pending - STAGING);
  assertEquals(get(device, DATA_SIZE), -ERRNO.EINVAL); // taken
  get(device, DATA_OFFSET);
  get(device, PENDING_BYTES);
  get(device, DATA_OFFSET);
  assertEquals(get(device, DATA_SIZE), pending - 2 * STAGING);
  assertEquals(get(device, PENDING_BYTES), 0);
  // Who does not ask for pending_bytes finds an empty chunk.
  assertEquals(get(device, DATA_OFFSET), DATA_SECTION_OFFSET);
  assertEquals(get(device, DATA_SIZE), 0);
});

Deno.test("stop-and-copy has the rest, and a chunk staged before the stop is still there", () => {
  const { device } = deviceOf();
  set(device, DEVICE_STATE, PRECOPY);
  get(device, DATA_OFFSET);
  set(device, DEVICE_STATE, SAVING);
  assertEquals(get(device, DATA_SIZE), STAGING);
  assertEquals(get(device, PENDING_BYTES), FULL - STAGING);
  const sizes = saveAll(device);
  assertEquals(sizes, [256, 256, 256, FULL - 4 * 256]);
  assertEquals(get(device, PENDING_BYTES), 0);
  assertEquals(set(device, DEVICE_STATE, STOP), 0);
  assertEquals(get(device, PENDING_BYTES), -ERRNO.EINVAL);
});

Deno.test("a chunk is no larger than the device's own limit", () => {
  const { device } = deviceOf({ profile: { read_limit: 100 } });
  set(device, DEVICE_STATE, PRECOPY);
  assertEquals(saveAll(device), [100, 100, 100, 100, 100, 100, HEADER]);
});

Deno.test("a paused guest's device saves all of it in one session", () => {
  const { device } = deviceOf();
  set(device, DEVICE_STATE, STOP);
  set(device, DEVICE_STATE, SAVING);
  assertEquals(get(device, PENDING_BYTES), FULL);
  assertEquals(saveAll(device).reduce((a, b) => a + b), FULL);
});

Deno.test("pending_bytes counts in precopy what can be had, or everything", () => {
  const { device } = deviceOf({ region: { pending_report: "whole" } });
  set(device, DEVICE_STATE, PRECOPY);
  assertEquals(get(device, PENDING_BYTES), FULL);
  for (let i = 0; i < 5; i++) {
    get(device, DATA_OFFSET);
    get(device, PENDING_BYTES);
  }
  // What moves only stopped keeps it up, with an empty chunk behind it.
  assertEquals(get(device, PENDING_BYTES), FULL - 600 - HEADER);
  get(device, DATA_OFFSET);
  assertEquals(get(device, DATA_SIZE), 0);
});

Deno.test("a guest dirties state while it runs, and not while it stands still", () => {
  // 100 bytes each millisecond, over 600.
  const { device, clock } = deviceOf({ profile: { dirty_rate: 100_000 } });
  set(device, DEVICE_STATE, PRECOPY);
  saveAll(device);
  clock.sleepNs(2 * MS);
  assertEquals(get(device, PENDING_BYTES), 200 + HEADER);
  clock.sleepNs(60 * MS);
  assert(get(device, PENDING_BYTES) >= 600);
  saveAll(device);
  clock.sleepNs(1 * MS);
  set(device, DEVICE_STATE, SAVING);
  clock.sleepNs(5 * MS);
  assertEquals(get(device, PENDING_BYTES), 100 + HEADER + 400 + 2 * HEADER);
});

Deno.test("new state of a reconfigured device is dirty state: nobody can be told of REINIT", () => {
  const { device, clock } = deviceOf({ profile: { reinit_at_ms: [5], reinit_size: 300 } });
  set(device, DEVICE_STATE, PRECOPY);
  saveAll(device);
  clock.sleepNs(4 * MS);
  assertEquals(get(device, PENDING_BYTES), 0);
  clock.sleepNs(1 * MS);
  assertEquals(get(device, PENDING_BYTES), 300 + HEADER);
});

Deno.test("the slow path reads what is staged, any part of it and again, and nothing else", () => {
  const { device } = deviceOf({ seed: 1, region: { mapped: false } });
  try {
    const to = regionOf(new ArrayBuffer(STAGING));
    set(device, DEVICE_STATE, PRECOPY);
    assertEquals(device.readData(to, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EINVAL);
    get(device, DATA_OFFSET);
    assertEquals(device.readData(to, 0, DATA_SECTION_OFFSET, STAGING), STAGING);
    const whole = to.bytes.slice();
    assert(whole.some((byte) => byte !== 0));
    to.bytes.fill(0);
    assertEquals(device.readData(to, 7, DATA_SECTION_OFFSET + 100, 50), 50);
    assertEquals(to.bytes.slice(7, 57), whole.slice(100, 150));
    assertEquals(to.bytes.slice(57, 60), new Uint8Array(3));
    assertEquals(device.readData(to, 0, DATA_SECTION_OFFSET, STAGING + 1), -ERRNO.EINVAL);
    assertEquals(device.readData(to, 0, DATA_SECTION_OFFSET - 1, 1), -ERRNO.EINVAL);
    assertEquals(device.readData(to, 0, DATA_SECTION_OFFSET + STAGING, 1), -ERRNO.EINVAL);
  } finally {
    device.close();
  }
});

Deno.test("what can be mapped is a window on the same bytes", () => {
  const area = { offset: DATA_SECTION_OFFSET + 16, size: 64 };
  const { device } = deviceOf({ seed: 1, region: { mapped: [area] } });
  try {
    assertEquals(device.mmapAreas, [area]);
    assertEquals(device.dataWindows, []);
    assertEquals(device.map(), 0);
    const window = device.dataWindows[0];
    assertEquals([window?.offset, window?.length], [area.offset, 64]);
    const to = regionOf(new ArrayBuffer(STAGING));
    set(device, DEVICE_STATE, PRECOPY);
    get(device, DATA_OFFSET);
    device.readData(to, 0, DATA_SECTION_OFFSET, STAGING);
    assertEquals(window?.region?.bytes, to.bytes.slice(16, 80));
    device.unmap();
    assertEquals(device.dataWindows, []);
  } finally {
    device.close();
  }
});

Deno.test("a region that has no window cannot be mapped", () => {
  assertEquals(deviceOf({ region: { mapped: false } }).device.map(), -ERRNO.EINVAL);
});

Deno.test("data is loaded in the order data_offset, data, data_size, and in no other", () => {
  const { device } = deviceOf({ region: { mapped: false } });
  assertEquals(device.writeData(null, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EINVAL);
  set(device, DEVICE_STATE, RESUMING);
  assertEquals(get(device, PENDING_BYTES), -ERRNO.EINVAL);
  assertEquals(get(device, DATA_SIZE), -ERRNO.EINVAL);
  assertEquals(set(device, DATA_SIZE, 0), -ERRNO.EINVAL); // before data_offset
  assertEquals(device.writeData(null, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EINVAL);
  assertEquals(get(device, DATA_OFFSET), DATA_SECTION_OFFSET);
  assertEquals(set(device, DATA_SIZE, 1), -ERRNO.EINVAL); // before the data
  assertEquals(device.writeData(null, 0, DATA_SECTION_OFFSET, STAGING + 1), -ERRNO.EINVAL);
  assertEquals(device.writeData(null, 0, DATA_SECTION_OFFSET, 8), 8);
  assertEquals(set(device, DATA_SIZE, STAGING + 1), -ERRNO.EINVAL);
  assertEquals(set(device, DATA_SIZE, 9), -ERRNO.EINVAL);
  assertEquals(set(device, DATA_SIZE, -1), -ERRNO.EINVAL); // 2^64 - 1
  assertEquals(set(device, DATA_SIZE, 8), 0);
  assertEquals(device.loader.loaded, 8);
  assertEquals(set(device, DATA_SIZE, 0), -ERRNO.EINVAL); // once for each data_offset
});

Deno.test("a load that is cut short shows the error marker, and only a reset leads out", () => {
  const source = deviceOf().device;
  const { device } = deviceOf({ region: { mapped: false } });
  set(source, DEVICE_STATE, SAVING);
  set(device, DEVICE_STATE, RESUMING);
  get(device, DATA_OFFSET);
  device.writeData(null, 0, DATA_SECTION_OFFSET, 8);
  set(device, DATA_SIZE, 8);
  assertEquals(set(device, DEVICE_STATE, RUNNING), -ERRNO.EINVAL);
  assertEquals(get(device, DEVICE_STATE), REGION_STATE_ERROR);
  assertEquals([PENDING_BYTES, DATA_OFFSET, DATA_SIZE].map((r) => get(device, r)), [
    -ERRNO.EIO,
    -ERRNO.EIO,
    -ERRNO.EIO,
  ]);
  assertEquals(set(device, DEVICE_STATE, RUNNING), -ERRNO.EIO);
  assertEquals(set(device, DATA_SIZE, 0), -ERRNO.EIO);
  assertEquals(device.readData(null, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EIO);
  assertEquals(device.writeData(null, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EIO);
  assertEquals(device.reset(), 0);
  assertEquals(get(device, DEVICE_STATE), RUNNING);
  assertEquals(set(device, DEVICE_STATE, PRECOPY), 0);
});

Deno.test("a device that was told to resume and got nothing just runs on", () => {
  const { device } = deviceOf();
  set(device, DEVICE_STATE, RESUMING);
  assertEquals(set(device, DEVICE_STATE, RUNNING), 0);
});

Deno.test("data that is no stream of such a device is refused as data_size is written", () => {
  const { device } = deviceOf({ seed: 1, region: { mapped: false } });
  try {
    const from = regionOf(new ArrayBuffer(64)); // zeros: no magic
    set(device, DEVICE_STATE, RESUMING);
    get(device, DATA_OFFSET);
    device.writeData(from, 0, DATA_SECTION_OFFSET, 64);
    assertEquals(set(device, DATA_SIZE, 64), -ERRNO.EINVAL);
    assertEquals(get(device, DEVICE_STATE), RESUMING);
  } finally {
    device.close();
  }
});

Deno.test("a write of device_state takes what version 2 takes for the same way", () => {
  const profile = {
    precopy_enter_ms: 1,
    suspend_p2p_ms: 2,
    suspend_stop_ms: 4,
    stop_copy_enter_ms: 8,
    resuming_enter_ms: 16,
    load_finish_ms: 32,
    resume_ms: 64,
  };
  const { device, clock } = deviceOf({ profile });
  const costs = [PRECOPY, SAVING, SAVING, STOP, RUNNING, RESUMING, RUNNING, SAVING, PRECOPY, STOP]
    .map((state) => {
      const began_ns = clock.nowNs();
      assertEquals(set(device, DEVICE_STATE, state), 0);
      return (clock.nowNs() - began_ns) / MS;
    });
  const STOPPING = 2 + 4;
  assertEquals(costs, [
    1,
    STOPPING + 8,
    0,
    0,
    64,
    STOPPING + 16,
    32 + 64,
    STOPPING + 8,
    64 + 1,
    STOPPING,
  ]);
});

Deno.test("staging takes save_rate, committing load_rate and preallocation, each access its own time", () => {
  const MIB = 1024 * 1024;
  const profile = { state_size: MIB, initial_fraction: 1, save_rate: 1e9, chunk_size: 65536 };
  const region = { region_size: DATA_SECTION_OFFSET + 2 * MIB, access_ms: 0.5 };
  const { device, clock } = deviceOf({ profile, region });
  const took = (step: () => void) => {
    const began_ns = clock.nowNs();
    step();
    return Math.round((clock.nowNs() - began_ns) / 1000) / 1000;
  };
  assertEquals(took(() => set(device, DEVICE_STATE, PRECOPY)), 0.5);
  assertEquals(took(() => get(device, DATA_OFFSET)), 0.5); // a header on its own: 24 ns
  get(device, PENDING_BYTES);
  assertEquals(took(() => get(device, DATA_OFFSET)), 0.5 + 1.049);
  assertEquals(took(() => get(device, DATA_SIZE)), 0.5);
  assertEquals(took(() => device.readData(null, 0, DATA_SECTION_OFFSET, 1)), 0.5);

  const clockTo = createVirtualClock();
  const to = new SimulatedRegionDevice({
    id: "to",
    profile: { ...GENERIC_PROFILE, ...profile, load_rate: 1e9, prealloc_ms_per_mib: 3 },
    region: { ...REGION_DEFAULTS, ...region, access_ms: 0 },
    clock: clockTo,
    memory: null,
    headerFeed: device.stream.headerLog,
  });
  set(to, DEVICE_STATE, RESUMING);
  to.map();
  for (const size of [24, MIB]) {
    get(to, DATA_OFFSET);
    assertEquals(set(to, DATA_SIZE, size), 0);
  }
  assertEquals(Math.round(clockTo.nowNs() / 1000), 1049 + 3000);
});

Deno.test("preallocation is paid once for each new byte", () => {
  const MIB = 1024 * 1024;
  const profile = { state_size: 3 * MIB, initial_fraction: 1, chunk_size: 65536 };
  const source = deviceOf({ profile, region: { region_size: DATA_SECTION_OFFSET + MIB } });
  set(source.device, DEVICE_STATE, PRECOPY);
  const sizes = saveAll(source.device);
  assertEquals(sizes, [HEADER, MIB, MIB, MIB]);
  const clock = createVirtualClock();
  const to = new SimulatedRegionDevice({
    id: "to",
    profile: { ...GENERIC_PROFILE, ...profile, prealloc_ms_per_mib: 10 },
    region: { ...REGION_DEFAULTS, region_size: DATA_SECTION_OFFSET + MIB },
    clock,
    memory: null,
    headerFeed: source.device.stream.headerLog,
  });
  set(to, DEVICE_STATE, RESUMING);
  to.map();
  for (const size of sizes) {
    get(to, DATA_OFFSET);
    assertEquals(set(to, DATA_SIZE, size), 0);
  }
  assertEquals(clock.nowNs() / MS, 30);
});

Deno.test("writing the state that a device is in changes nothing", () => {
  const { device } = deviceOf();
  set(device, DEVICE_STATE, PRECOPY);
  get(device, DATA_OFFSET);
  assertEquals(set(device, DEVICE_STATE, PRECOPY), 0);
  assertEquals(get(device, DATA_SIZE), STAGING);
  assertEquals(get(device, PENDING_BYTES), 600 + HEADER - STAGING);
});

Deno.test("what is staged is gone with the session", () => {
  const { device } = deviceOf();
  for (const state of [STOP, RUNNING]) {
    set(device, DEVICE_STATE, SAVING);
    get(device, DATA_OFFSET);
    assertEquals(device.readData(null, 0, DATA_SECTION_OFFSET, 1), 1);
    set(device, DEVICE_STATE, state);
    assertEquals(device.readData(null, 0, DATA_SECTION_OFFSET, 1), -ERRNO.EINVAL);
  }
});

Deno.test("a second session begins from the start: the state, and the moments of its reconfigurations", () => {
  const { device, clock } = deviceOf({ profile: { reinit_at_ms: [5], reinit_size: 300 } });
  for (let session = 0; session < 2; session++) {
    set(device, DEVICE_STATE, PRECOPY);
    assertEquals(get(device, PENDING_BYTES), 600 + HEADER);
    saveAll(device);
    clock.sleepNs(4 * MS);
    assertEquals(get(device, PENDING_BYTES), 0);
    clock.sleepNs(1 * MS);
    assertEquals(get(device, PENDING_BYTES), 300 + HEADER);
    set(device, DEVICE_STATE, RUNNING);
  }
});

Deno.test("a load that failed can be begun again after a reset, and one that is whole counts once", () => {
  const source = deviceOf({ seed: 3, region: { mapped: false } }).device;
  const { device } = deviceOf({ seed: 4, region: { mapped: false } });
  const chunk = regionOf(new ArrayBuffer(STAGING));
  const load = (chunks: number) => {
    set(source, DEVICE_STATE, RUNNING);
    set(source, DEVICE_STATE, SAVING);
    set(device, DEVICE_STATE, RESUMING);
    for (let i = 0; i < chunks && get(source, PENDING_BYTES) > 0; i++) {
      get(source, DATA_OFFSET);
      const size = get(source, DATA_SIZE);
      source.readData(chunk, 0, DATA_SECTION_OFFSET, size);
      get(device, DATA_OFFSET);
      device.writeData(chunk, 0, DATA_SECTION_OFFSET, size);
      assertEquals(set(device, DATA_SIZE, size), 0);
    }
    return set(device, DEVICE_STATE, RUNNING);
  };
  try {
    assertEquals(load(2), -ERRNO.EINVAL);
    assertEquals(device.reset(), 0);
    assertEquals(load(Infinity), 0);
    assertEquals(load(0), 0);
    const [a, b] = [source.image(), device.image()];
    assert(a !== null && b !== null);
    assertEquals(compareImages(a, b), -1);
  } finally {
    source.close();
    device.close();
  }
});

Deno.test("dirty pages are tracked from START to STOP, and other requests are EINVAL", () => {
  const { device } = deviceOf();
  assertEquals(device.dirtyPages(DIRTY_PAGES.STOP), 0);
  assertEquals([device.dirtyPages(DIRTY_PAGES.START), device.isTrackingDirtyPages], [0, true]);
  assertEquals(device.dirtyPages(DIRTY_PAGES.START), 0);
  assertEquals(device.dirtyPages(DIRTY_PAGES.START | DIRTY_PAGES.STOP), -ERRNO.EINVAL);
  assertEquals(device.dirtyPages(0), -ERRNO.EINVAL);
  assertEquals([device.dirtyPages(DIRTY_PAGES.STOP), device.isTrackingDirtyPages], [0, false]);
});

Deno.test("a closed device answers EBADF to everything", () => {
  const { device } = deviceOf({ seed: 1 });
  device.close();
  device.close();
  assertEquals([
    device.readRegion(view, DEVICE_STATE, 4),
    device.writeRegion(view, DEVICE_STATE, 4),
    device.readData(null, 0, DATA_SECTION_OFFSET, 0),
    device.writeData(null, 0, DATA_SECTION_OFFSET, 0),
    device.map(),
    device.dirtyPages(DIRTY_PAGES.START),
    device.reset(),
  ], Array(7).fill(-ERRNO.EBADF));
  assertEquals(device.image(), null);
});

Deno.test("whatever is read and written, nothing throws and device_state is one of six", () => {
  const offset = fc.constantFrom(0, 4, 8, 16, 24, 32, 4096, 4097, 5000, -1, 2);
  const step = fc.record({
    what: fc.constantFrom("get", "set", "state", "readData", "writeData", "map", "sleep"),
    offset,
    length: fc.constantFrom(0, 1, 4, 8, 100, 256, 257),
    value: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 24, 256, 257, -1),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { device, clock } = deviceOf({ profile: { dirty_rate: 100_000 } });
      const wide = new DataView(new ArrayBuffer(512));
      for (const { what, offset, length, value } of steps) {
        if (what === "get") device.readRegion(wide, offset, length);
        else if (what === "set") {
          writeU64(wide, 0, value);
          device.writeRegion(wide, offset, length);
        } else if (what === "state") set(device, DEVICE_STATE, value >>> 0);
        else if (what === "readData") device.readData(null, 0, offset, length);
        else if (what === "writeData") device.writeData(null, 0, offset, length);
        else if (what === "map") device.map();
        else clock.sleepNs(MS);
        assert([0, 1, 2, 3, 4, 6].includes(get(device, DEVICE_STATE)));
      }
    }),
    { numRuns: 300 },
  );
});
