import { assertEquals } from "@std/assert";
import { withCalls } from "../../device/region/testdata/recorded_device.ts";
import { ERRNO } from "../../libc/mod.ts";
import { createRegionLoad, loadCleanup, loadData, loadSetup } from "./load.ts";
import { startRegionDevice } from "./run_state.ts";
import { DATA, partsOf, type Setup, take } from "./testdata/parts.ts";

/** A source's headers for a destination that moves no bytes. */
function headersOf() {
  const { inner } = partsOf();
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, 2, true);
  inner.writeRegion(view, 0, 4);
  for (let i = 0; i < 10; i++) {
    inner.readRegion(view, 16, 8);
    inner.readRegion(view, 8, 8);
  }
  return inner;
}

const FULL = 1000 + 3 * 24;

function loadOf(setup: Setup = {}) {
  const parts = partsOf({ source: headersOf(), ...setup });
  return { ...parts, load: createRegionLoad(parts.device) };
}

function resumingOf(setup: Setup = {}) {
  const parts = loadOf(setup);
  assertEquals(loadSetup(parts.load), 0);
  take(parts.log);
  return parts;
}

Deno.test("setup: the region is mapped, and RESUMING stands alone", () => {
  const { load, log } = loadOf();
  assertEquals(loadSetup(load), 0);
  assertEquals(log, ["map", "read device_state = 1", "write device_state = 4"]);
});

Deno.test("load: data_offset, the data, data_size; three accesses, two of them registers", () => {
  const slow = resumingOf({ region: { mapped: false } });
  assertEquals(loadData(slow.load, null, 0, 256), 0);
  assertEquals(slow.log, [
    `read data_offset = ${DATA}`,
    `write 256 at ${DATA}`,
    "write data_size = 256",
  ]);
  const mapped = resumingOf();
  assertEquals(loadData(mapped.load, null, 0, 256), 0);
  assertEquals(mapped.log, [`read data_offset = ${DATA}`, "write data_size = 256"]);
  assertEquals([mapped.load.rounds, mapped.load.transferredBytes], [1, 256]);
});

Deno.test("a region too small for the data takes more rounds", () => {
  const { load, log } = resumingOf({ staging: 100, region: { mapped: false } });
  assertEquals(loadData(load, null, 0, 256), 0);
  assertEquals(log, [
    `read data_offset = ${DATA}`,
    `write 100 at ${DATA}`,
    "write data_size = 100",
    `read data_offset = ${DATA}`,
    `write 100 at ${DATA}`,
    "write data_size = 100",
    `read data_offset = ${DATA}`,
    `write 56 at ${DATA}`,
    "write data_size = 56",
  ]);
  assertEquals(load.rounds, 3);
});

Deno.test("a record without bytes touches nothing", () => {
  const { load, log } = resumingOf();
  assertEquals([loadData(load, null, 0, 0), log], [0, []]);
});

Deno.test("data that is not mapped takes a call for every 8 bytes where QEMU's way is followed", () => {
  const { device, log } = resumingOf({ region: { mapped: false } });
  const load = createRegionLoad(device, "split");
  assertEquals(loadData(load, null, 0, 21), 0);
  assertEquals(log, [
    `read data_offset = ${DATA}`,
    `write 8 at ${DATA}`,
    `write 8 at ${DATA + 8}`,
    `write 4 at ${DATA + 16}`,
    `write 1 at ${DATA + 20}`,
    "write data_size = 21",
  ]);
});

Deno.test("finish: RUNNING alone; cleanup: unmapped", () => {
  const { load, log } = resumingOf();
  assertEquals(loadData(load, null, 0, FULL), 0);
  take(log);
  assertEquals(startRegionDevice(load), 0);
  loadCleanup(load);
  assertEquals(log, ["read device_state = 4", "write device_state = 1", "unmap"]);
});

Deno.test("an unfinished load ends in the error marker, which finish reports", () => {
  const { load, log } = resumingOf();
  loadData(load, null, 0, FULL - 1);
  take(log);
  assertEquals(startRegionDevice(load), -ERRNO.EINVAL);
  assertEquals(log, [
    "read device_state = 4",
    "write device_state = 1 -> EINVAL",
    "read device_state = 6",
  ]);
  assertEquals([load.inError, load.deviceState], [true, 6]);
  assertEquals([load.failedCall, load.failedOffset], ["pwrite", 0]);
});

Deno.test("a setup that fails leaves nothing mapped", () => {
  const { device, log } = loadOf();
  const load = createRegionLoad(withCalls(device, { writeRegion: () => -ERRNO.EIO }));
  assertEquals(loadSetup(load), -ERRNO.EIO);
  assertEquals(log.at(-1), "unmap");
  assertEquals([load.inError, device.dataWindows.length], [false, 0]);
});

Deno.test("a failing call is told by its name and place", () => {
  const { device } = resumingOf({ region: { mapped: false } });
  const failed = (calls: Parameters<typeof withCalls>[1]) => {
    const load = createRegionLoad(withCalls(device, calls));
    return [loadData(load, null, 0, 8), load.failedCall, load.failedOffset, load.transferredBytes];
  };
  assertEquals(failed({ readRegion: () => -ERRNO.EIO }), [-ERRNO.EIO, "pread", 16, 0]);
  assertEquals(failed({ writeData: () => -ERRNO.EIO }), [-ERRNO.EIO, "pwrite", DATA, 0]);
  assertEquals(failed({ writeData: () => 7 }), [-ERRNO.EINVAL, "pwrite", DATA, 0]);
  assertEquals(failed({ writeRegion: () => -ERRNO.EIO }), [-ERRNO.EIO, "pwrite", 24, 0]);
});

Deno.test("a device that names a place without room is not asked for ever", () => {
  const { device } = resumingOf();
  for (const offset of [DATA + 256, -1]) {
    const wild = withCalls(device, {
      readRegion(view) {
        view.setBigInt64(0, BigInt(offset), true);
        return 8;
      },
    });
    const load = createRegionLoad(wild);
    assertEquals([loadData(load, null, 0, 8), load.failedOffset], [-ERRNO.EINVAL, 16]);
  }
});
