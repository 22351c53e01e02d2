import { assert, assertEquals } from "@std/assert";
import type { Fault, FaultCall, LieFault } from "../../fault/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { readU64 } from "../../vfio/mod.ts";
import {
  DIRTY_PAGES,
  REGION_REGISTER,
  REGION_STATE,
  type RegionRegister,
  registerWidth,
} from "../../vfio/region/mod.ts";
import { GENERIC_PROFILE } from "../profile.ts";
import { REGION_DEFAULTS, type RegionOptions } from "../region/region_options.ts";
import { SimulatedRegionDevice } from "../region/simulated_region_device.ts";
import { createFakeClock } from "../simulated/testdata/fake_clock.ts";
import { FaultyRegionDevice } from "./faulty_region_device.ts";
import { injectionsOf, withFaults } from "./mod.ts";

const { DEVICE_STATE, PENDING_BYTES, DATA_OFFSET, DATA_SIZE } = REGION_REGISTER;
const { RUNNING, SAVING } = REGION_STATE;
const KIB = 1024;
const view = new DataView(new ArrayBuffer(8));

function deviceOf(plan: readonly Fault[], region: Partial<RegionOptions> = {}): FaultyRegionDevice {
  const clock = createFakeClock();
  const inner = new SimulatedRegionDevice({
    id: "dev0",
    profile: { ...GENERIC_PROFILE, state_size: 64 * KIB },
    region: { ...REGION_DEFAULTS, ...region },
    clock,
    memory: null,
  });
  const device = withFaults(inner, plan, "source", 1, clock);
  assert(device instanceof FaultyRegionDevice);
  return device;
}

function fails(call: FaultCall, nth: number): Fault {
  return { on: "dev0", side: "source", call, nth, times: 1, give: "EIO" };
}

function lie(name: LieFault["lie"]): Fault {
  return { on: "dev0", side: "source", give: "lie", lie: name };
}

/** The register's value, or the errno. */
function get(device: FaultyRegionDevice, register: RegionRegister): number {
  const width = registerWidth(register);
  const n = device.readRegion(view, register, width);
  if (n < 0) return n;
  return width === 4 ? view.getUint32(0, true) : readU64(view, 0);
}

function setState(device: FaultyRegionDevice, state: number): number {
  view.setUint32(0, state, true);
  return device.writeRegion(view, DEVICE_STATE, 4);
}

Deno.test("registers and the calls beside them fail when they are to", () => {
  const device = deviceOf([
    fails("readRegion", 2),
    fails("writeRegion", 1),
    fails("map", 1),
    fails("dirtyPages", 1),
    fails("reset", 1),
  ]);
  const { EIO } = ERRNO;
  assertEquals([get(device, DEVICE_STATE), get(device, DEVICE_STATE)], [RUNNING, -EIO]);
  assertEquals([setState(device, RUNNING | SAVING), setState(device, RUNNING | SAVING)], [-EIO, 4]);
  assertEquals([device.map(), device.map()], [-EIO, 0]);
  assertEquals(
    [device.dirtyPages(DIRTY_PAGES.START), device.dirtyPages(DIRTY_PAGES.START)],
    [-EIO, 0],
  );
  assertEquals([device.reset(), device.reset()], [-EIO, 0]);
  assertEquals(injectionsOf([device]).map(({ fault }) => fault), [0, 1, 2, 3, 4]);
});

Deno.test("data that is not mapped comes short where it is to", () => {
  const device = deviceOf([{
    on: "dev0",
    side: "source",
    call: "readData",
    nth: 1,
    times: 1,
    give: "short",
    bytes: 10,
  }], { mapped: false });
  assertEquals(setState(device, RUNNING | SAVING), 4);
  assert(get(device, PENDING_BYTES) > 0);
  const offset = get(device, DATA_OFFSET);
  assert(get(device, DATA_SIZE) >= 100);
  assertEquals(device.readData(null, 0, offset, 100), 10);
  assertEquals(device.readData(null, 0, offset, 100), 100);
});

Deno.test("pending_bytes that is not so", () => {
  const told = (name: LieFault["lie"]) => {
    const device = deviceOf([lie(name)]);
    assertEquals(setState(device, RUNNING | SAVING), 4);
    return get(device, PENDING_BYTES);
  };
  const truth = told("ends-early");
  assert(truth > 0);
  assertEquals(told("size-zero"), 0);
  assertEquals(told("size-too-large"), 16 * truth);
  assertEquals(told("size-negative"), -ERRNO.EINVAL);
  assertEquals(told("size-error"), -ERRNO.EIO);
});

Deno.test("ends early: the second buffer after the stop is empty", () => {
  const device = deviceOf([lie("ends-early")], { region_size: 4 * KIB + 4 * KIB });
  assertEquals([setState(device, RUNNING | SAVING), setState(device, SAVING)], [4, 4]);
  const buffer =
    () => [get(device, PENDING_BYTES), get(device, DATA_OFFSET), get(device, DATA_SIZE)];
  const [, , first = 0] = buffer();
  assert(first > 0);
  const [pending = 0, , second] = buffer();
  assert(pending > 0);
  assertEquals(second, 0);
});

Deno.test("a state that does not change", () => {
  const device = deviceOf([lie("state-unchanged")]);
  assertEquals([setState(device, RUNNING | SAVING), get(device, DEVICE_STATE)], [4, RUNNING]);
});

Deno.test("what it is about is told as it is", () => {
  const device = deviceOf([lie("size-zero")]);
  const { inner } = device;
  assertEquals(
    [device.regionSize, device.mmapAreas, device.canTrackDirtyPages, device.id],
    [inner.regionSize, inner.mmapAreas, inner.canTrackDirtyPages, inner.id],
  );
  assertEquals(device.map(), 0);
  assertEquals(device.dataWindows.length, inner.dataWindows.length);
  device.unmap();
  assertEquals(device.dataWindows.length, 0);
  assertEquals(device.image(), null);
  device.close();
  assertEquals(get(device, DEVICE_STATE), -ERRNO.EBADF);
});
