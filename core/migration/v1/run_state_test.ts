import { assertEquals } from "@std/assert";
import { withCalls } from "../../device/region/testdata/recorded_device.ts";
import { ERRNO } from "../../libc/mod.ts";
import { REGION_STATE, REGION_STATE_ERROR } from "../../vfio/region/mod.ts";
import { createRegionLoad, loadData, loadSetup } from "./load.ts";
import { leftInRegionState } from "./region_access.ts";
import { abandonRegionDevice, startRegionDevice, stopRegionDevice } from "./run_state.ts";
import {
  createRegionSave,
  REGION_SAVE_DEFAULTS,
  saveComplete,
  saveIterate,
  saveSetup,
} from "./save.ts";
import { outputOf, partsOf, take } from "./testdata/parts.ts";

function savingOf() {
  const parts = partsOf();
  const save = createRegionSave(parts.device, REGION_SAVE_DEFAULTS);
  const output = outputOf(parts.log, 1024, false);
  saveSetup(save, output);
  return { ...parts, save, output };
}

Deno.test("cancelled in precopy: SAVING is cleared, RUNNING stays, the statistic is 0", () => {
  const { save, output, log } = savingOf();
  saveIterate(save, output);
  take(log);
  assertEquals(abandonRegionDevice(save), 0);
  assertEquals(log, ["read device_state = 3", "write device_state = 1"]);
  assertEquals([save.transferredBytes, leftInRegionState(save)], [0, "RUNNING"]);
});

Deno.test("cancelled in stop-and-copy, and after it: the device runs on", () => {
  const stopped = savingOf();
  stopRegionDevice(stopped.save);
  take(stopped.log);
  assertEquals(abandonRegionDevice(stopped.save), 0);
  assertEquals(stopped.log, ["read device_state = 2", "write device_state = 1"]);
  const done = savingOf();
  stopRegionDevice(done.save);
  assertEquals(saveComplete(done.save, done.output), 0);
  assertEquals(leftInRegionState(done.save), "STOP");
  take(done.log);
  assertEquals(abandonRegionDevice(done.save), 0);
  assertEquals(done.log, ["read device_state = 0", "write device_state = 1"]);
});

Deno.test("a device that was saved, and runs again, can be saved again from its start", () => {
  const { save, output, log } = savingOf();
  saveIterate(save, output);
  abandonRegionDevice(save);
  take(log);
  assertEquals(saveSetup(save, output), 0);
  while (saveIterate(save, output) === 0);
  stopRegionDevice(save);
  assertEquals(saveComplete(save, output), 0);
  assertEquals(save.transferredBytes, 1000 + 3 * 24);
});

Deno.test("a destination given up before it got anything runs; given up in the middle it is reset", () => {
  const idle = partsOf();
  const first = createRegionLoad(idle.device);
  loadSetup(first);
  assertEquals([abandonRegionDevice(first), leftInRegionState(first)], [0, "RUNNING"]);
  const { device, log } = partsOf();
  const load = createRegionLoad(device);
  loadSetup(load);
  assertEquals(loadData(load, null, 0, 8), 0);
  take(log);
  assertEquals(abandonRegionDevice(load), 1);
  assertEquals(log, [
    "read device_state = 4",
    "write device_state = 1 -> EINVAL",
    "read device_state = 6",
    "reset",
  ]);
  assertEquals([load.inError, load.transferredBytes], [false, 0]);
  assertEquals(leftInRegionState(load), "RUNNING");
});

Deno.test("a device that neither runs nor resets keeps the first errno", () => {
  const { device } = partsOf();
  const dead = createRegionSave(
    withCalls(device, { writeRegion: () => -ERRNO.EIO, reset: () => -ERRNO.ENODEV }),
    REGION_SAVE_DEFAULTS,
  );
  assertEquals(abandonRegionDevice(dead), -ERRNO.EIO);
  assertEquals([dead.failedCall, dead.failedOffset], ["pwrite", 0]);
});

Deno.test("what would be no state is not written", () => {
  const { device, log } = partsOf();
  const load = createRegionLoad(device);
  loadSetup(load);
  take(log);
  const save = createRegionSave(device, REGION_SAVE_DEFAULTS);
  // SAVING beside RESUMING would be the error marker itself.
  assertEquals(saveComplete(save, outputOf([], 64, false)), -ERRNO.EINVAL);
  assertEquals(log, ["read device_state = 4"]);
  assertEquals([save.failedCall, save.failedOffset, save.inError], ["pwrite", 0, false]);
});

Deno.test("a device in error answers every change with its errno, and is known to be", () => {
  const { inner, device } = partsOf();
  const load = createRegionLoad(device);
  loadSetup(load);
  loadData(load, null, 0, 8);
  startRegionDevice(load);
  // RUNNING could be set from 6 but for the device, which refuses.
  assertEquals(startRegionDevice(load), -ERRNO.EIO);
  assertEquals([load.inError, load.deviceState], [true, REGION_STATE_ERROR]);
  assertEquals(leftInRegionState(load), "ERROR");
  inner.reset();
  assertEquals(startRegionDevice(load), 0);
  assertEquals([load.inError, load.deviceState], [false, REGION_STATE.RUNNING]);
});

Deno.test("a device that does not tell its state after a failed write counts as in error", () => {
  const { device } = partsOf();
  let reads = 0;
  const mute = withCalls(device, {
    readRegion: (view, offset, length) =>
      ++reads > 1 ? -ERRNO.ENODEV : device.readRegion(view, offset, length),
    writeRegion: () => -ERRNO.EIO,
  });
  const save = createRegionSave(mute, REGION_SAVE_DEFAULTS);
  assertEquals([stopRegionDevice(save), save.inError], [-ERRNO.EIO, true]);
  assertEquals(leftInRegionState(save), "a state that cannot be read (ENODEV)");
});
