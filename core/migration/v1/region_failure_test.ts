import { assertEquals } from "@std/assert";
import { withCalls } from "../../device/region/testdata/recorded_device.ts";
import { ERRNO } from "../../libc/mod.ts";
import { createRegionLoad, loadData, loadSetup } from "./load.ts";
import { regionFailure } from "./region_failure.ts";
import { startRegionDevice } from "./run_state.ts";
import {
  createRegionSave,
  REGION_SAVE_DEFAULTS,
  saveIterate,
  savePending,
  saveSetup,
} from "./save.ts";
import { outputOf, partsOf } from "./testdata/parts.ts";

Deno.test("a failure names the register, the device, the phase, the call and the errno", () => {
  const { device } = partsOf();
  const save = createRegionSave(
    withCalls(device, { readRegion: () => -ERRNO.EIO }),
    REGION_SAVE_DEFAULTS,
  );
  assertEquals(regionFailure(save, "precopy", savePending(save)), {
    message:
      "Cannot read pending_bytes of nic0 in precopy: pread at 8 gave EIO (Input/output error)",
    device: "nic0",
    phase: "precopy",
    call: "pread at 8",
    errno: "EIO",
    cancelled: false,
  });
});

Deno.test("a device in error is said to be", () => {
  const load = createRegionLoad(partsOf().device);
  loadSetup(load);
  loadData(load, null, 0, 8);
  assertEquals(
    regionFailure(load, "resume", startRegionDevice(load)).message,
    "Cannot write device_state of nic0 in resume: pwrite at 0 gave EINVAL (Invalid argument); " +
      "it is in error until it is reset",
  );
});

Deno.test("a channel, an IOMMU, and data that fail have names too", () => {
  const { device } = partsOf({ region: { mapped: false } });
  const output = outputOf([], 64, false);
  const broken = { ...output, send: () => -ERRNO.EPIPE };
  const untracked = createRegionSave(
    withCalls(device, { dirtyPages: () => -ERRNO.ENOMEM }),
    REGION_SAVE_DEFAULTS,
  );
  assertEquals(
    regionFailure(untracked, "setup", saveSetup(untracked, output)).message,
    "Cannot track the dirty pages of nic0 in setup: VFIO_IOMMU_DIRTY_PAGES gave ENOMEM (Cannot allocate memory)",
  );
  const save = createRegionSave(device, REGION_SAVE_DEFAULTS);
  assertEquals(
    regionFailure(save, "setup", saveSetup(save, broken)).message,
    "Cannot send the data of nic0 in setup: write gave EPIPE (Broken pipe)",
  );
  assertEquals(saveSetup(save, output), 0);
  const torn = createRegionSave(
    withCalls(device, { readData: () => -ERRNO.EFAULT }),
    REGION_SAVE_DEFAULTS,
  );
  assertEquals(
    regionFailure(torn, "precopy", saveIterate(torn, output)).message,
    "Cannot read the data section of nic0 in precopy: pread at 4096 gave EFAULT (Bad address)",
  );
});
