import { assertEquals } from "@std/assert";
import { MESSAGE } from "../../channel/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { REGION_STATE } from "../../vfio/region/mod.ts";
import { withCalls } from "../../device/region/testdata/recorded_device.ts";
import {
  createRegionSave,
  REGION_SAVE_DEFAULTS,
  saveCleanup,
  saveComplete,
  saveIterate,
  savePending,
  saveSetup,
} from "./save.ts";
import { stopRegionDevice } from "./run_state.ts";
import { DATA, outputOf, partsOf, type Setup, take } from "./testdata/parts.ts";

const HEADER = 24;
const PRECOPY = 600 + HEADER;
const REST = 400 + 2 * HEADER;

function saveOf(setup: Setup = {}, options = REGION_SAVE_DEFAULTS, capacity = 1024) {
  const parts = partsOf(setup);
  const save = createRegionSave(parts.device, options);
  return { ...parts, save, output: outputOf(parts.log, capacity, false) };
}

/** Set up and in precopy, with an empty log. */
function savingOf(...args: Parameters<typeof saveOf>) {
  const parts = saveOf(...args);
  assertEquals(saveSetup(parts.save, parts.output), 0);
  take(parts.log);
  return parts;
}

Deno.test("setup: tracking starts, the region is mapped, SAVING is set and RUNNING kept", () => {
  const { save, output, log } = saveOf();
  assertEquals(saveSetup(save, output), 0);
  assertEquals(log, [
    "dirty pages START",
    "send SETUP",
    "map",
    "read device_state = 1",
    "write device_state = 3",
    "send END_OF_STATE",
  ]);
  assertEquals(save.deviceState, REGION_STATE.SAVING | REGION_STATE.RUNNING);
});

Deno.test("setup of a paused guest's device sets SAVING alone", () => {
  const { save, output, log } = saveOf();
  stopRegionDevice(save);
  take(log);
  saveSetup(save, output);
  assertEquals(log.slice(3, 5), ["read device_state = 0", "write device_state = 2"]);
});

Deno.test("a region that cannot be mapped, or is not, takes the slow path", () => {
  const plain = savingOf({ region: { mapped: false } });
  assertEquals([plain.save.mapResult, plain.device.dataWindows.length], [0, 0]);
  const { device, output, log } = saveOf();
  const failing = withCalls(device, { map: () => -ERRNO.ENOMEM });
  const save = createRegionSave(failing, REGION_SAVE_DEFAULTS);
  assertEquals(saveSetup(save, output), 0);
  assertEquals(save.mapResult, -ERRNO.ENOMEM);
  take(log);
  assertEquals(saveIterate(save, output), 0);
  assertEquals(log.filter((line) => line.includes(` at ${DATA}`)), [`read 256 at ${DATA}`]);
});

Deno.test("pending: one read, each time", () => {
  const { save, log } = savingOf();
  assertEquals([savePending(save), save.pendingBytes], [0, PRECOPY]);
  assertEquals([savePending(save), save.pendingBytes], [0, PRECOPY]);
  assertEquals(log, [`read pending_bytes = ${PRECOPY}`, `read pending_bytes = ${PRECOPY}`]);
});

Deno.test("iterate: one buffer, by what pending said; not finished", () => {
  const { save, output, log } = savingOf();
  savePending(save);
  assertEquals(saveIterate(save, output), 0);
  assertEquals(log, [
    `read pending_bytes = ${PRECOPY}`,
    `read data_offset = ${DATA}`,
    "read data_size = 256",
    "send DATA 256",
    "send END_OF_STATE",
  ]);
  assertEquals([save.pendingBytes, save.dataSize, save.transferredBytes], [0, 256, 256]);
});

Deno.test("iterate asks again where the cached pending_bytes is 0, as in a savevm", () => {
  const { save, output, log } = savingOf();
  saveIterate(save, output);
  saveIterate(save, output);
  assertEquals(log.filter((line) => line.startsWith("read p")), [
    `read pending_bytes = ${PRECOPY}`,
    `read pending_bytes = ${PRECOPY - 256}`,
  ]);
});

Deno.test("iterate with nothing left: size 0, and finished", () => {
  const { save, output, log } = savingOf();
  while (saveIterate(save, output) === 0);
  take(log);
  savePending(save);
  assertEquals(saveIterate(save, output), 1);
  assertEquals(log, [
    "read pending_bytes = 0",
    "read pending_bytes = 0",
    "send DATA 0",
    "send END_OF_STATE",
  ]);
  assertEquals([save.dataSize, save.transferredBytes], [0, PRECOPY]);
});

Deno.test("iterate on a device that promises more than it has: an empty buffer, and not finished", () => {
  const { save, output, log } = savingOf({ region: { pending_report: "whole" } });
  for (let i = 0; i < 3; i++) saveIterate(save, output);
  take(log);
  assertEquals(saveIterate(save, output), 0);
  assertEquals(log, [
    `read pending_bytes = ${REST}`,
    `read data_offset = ${DATA}`,
    "read data_size = 0",
    "send DATA 0",
    "send END_OF_STATE",
  ]);
});

Deno.test("stop: RUNNING is cleared", () => {
  const { save, log } = savingOf();
  assertEquals(stopRegionDevice(save), 0);
  assertEquals(log, ["read device_state = 3", "write device_state = 2"]);
});

const COMPLETE = [
  `read pending_bytes = ${REST}`,
  `read data_offset = ${DATA}`,
  "read data_size = 256",
  "send DATA 256",
  `read pending_bytes = ${REST - 256}`,
  `read data_offset = ${DATA}`,
  `read data_size = ${REST - 256}`,
  `send DATA ${REST - 256}`,
  "read pending_bytes = 0",
  "send END_OF_STATE",
  "read device_state = 2",
  "write device_state = 0",
];

Deno.test("complete, 5.2: the config first, buffers until pending_bytes is 0, then SAVING is cleared", () => {
  const { save, output, log } = savingOf();
  while (saveIterate(save, output) === 0);
  stopRegionDevice(save);
  take(log);
  assertEquals(saveComplete(save, output), 0);
  assertEquals(log, [
    "read device_state = 2",
    "write device_state = 2",
    "send CONFIG",
    ...COMPLETE,
  ]);
  assertEquals(save.transferredBytes, PRECOPY + REST);
});

Deno.test("complete, 6.0 to 7.2: the same without the config", () => {
  const { save, output, log } = savingOf({}, { ...REGION_SAVE_DEFAULTS, configFirst: false });
  while (saveIterate(save, output) === 0);
  stopRegionDevice(save);
  take(log);
  assertEquals(saveComplete(save, output), 0);
  assertEquals(log, ["read device_state = 2", "write device_state = 2", ...COMPLETE]);
});

Deno.test("complete ends at an empty buffer, whatever pending_bytes says", () => {
  const { device, output, log } = saveOf();
  let reads = 0;
  const stuck = withCalls(device, {
    readRegion(view, offset, length) {
      const result = device.readRegion(view, offset, length);
      if (offset === 8 && ++reads > 20) throw new Error("asked for ever");
      if (offset === 8) view.setUint32(0, 4096, true);
      return result;
    },
  });
  const save = createRegionSave(stuck, REGION_SAVE_DEFAULTS);
  saveSetup(save, output);
  assertEquals(saveComplete(save, output), 0);
  assertEquals(log.slice(-4), [
    "send DATA 0",
    "send END_OF_STATE",
    "read device_state = 2",
    "write device_state = 0",
  ]);
  assertEquals(save.transferredBytes, PRECOPY + REST);
});

Deno.test("cleanup: tracking stops, and the region is unmapped", () => {
  const { save, log } = savingOf();
  assertEquals(saveCleanup(save), 0);
  assertEquals(log, ["dirty pages STOP", "unmap"]);
});

Deno.test("four accesses to the region save a buffer: three registers and the data", () => {
  for (const mapped of [false, true]) {
    const { save, output, log } = savingOf({ region: { mapped } });
    savePending(save);
    saveIterate(save, output);
    const accesses = log.filter((line) => !line.startsWith("send"));
    assertEquals(accesses, [
      `read pending_bytes = ${PRECOPY}`,
      `read data_offset = ${DATA}`,
      "read data_size = 256",
      // What is mapped is copied without a call.
      ...(mapped ? [] : [`read 256 at ${DATA}`]),
    ]);
  }
});

Deno.test("data that is not mapped takes a call for every 8 bytes where QEMU's way is followed", () => {
  const options = { ...REGION_SAVE_DEFAULTS, slowPath: "split" } as const;
  const { save, output, log } = savingOf({ region: { mapped: false }, staging: 251 }, options);
  saveIterate(save, output);
  const accesses = log.filter((line) => line.startsWith("read ") && line.includes(" at "));
  const words = Array.from({ length: 31 }, (_, i) => `read 8 at ${DATA + i * 8}`);
  assertEquals(accesses, [...words, `read 2 at ${DATA + 248}`, `read 1 at ${DATA + 250}`]);
});

Deno.test("what is mapped in part is copied in part", () => {
  const areas = [{ offset: DATA + 200, size: 16 }, { offset: DATA + 64, size: 100 }];
  const { save, output, log } = savingOf({ region: { mapped: areas } });
  saveIterate(save, output);
  assertEquals(log.filter((line) => line.includes(" at ")), [
    `read 64 at ${DATA}`,
    `read 36 at ${DATA + 164}`,
    `read 40 at ${DATA + 216}`,
  ]);
});

Deno.test("a buffer larger than the channel's goes in several records", () => {
  const { save, output, log } = savingOf({ region: { mapped: false } }, REGION_SAVE_DEFAULTS, 100);
  saveIterate(save, output);
  assertEquals(log.slice(3), [
    `read 100 at ${DATA}`,
    "send DATA 100",
    `read 100 at ${DATA + 100}`,
    "send DATA 100",
    `read 56 at ${DATA + 200}`,
    "send DATA 56",
    "send END_OF_STATE",
  ]);
});

Deno.test("a failing call is told by its name and place, and ends the sequence there", () => {
  const cases = [
    { at: 8, step: "pending" },
    { at: 16, step: "iterate" },
    { at: 24, step: "iterate" },
    { at: 8, step: "complete" },
    { at: 0, step: "complete" },
  ] as const;
  for (const { at, step } of cases) {
    const { device, output, log } = savingOf();
    let failing = true;
    const broken = withCalls(device, {
      readRegion: (view, offset, length) =>
        failing && offset === at ? -ERRNO.EIO : device.readRegion(view, offset, length),
    });
    const save = createRegionSave(broken, REGION_SAVE_DEFAULTS);
    const result = step === "pending"
      ? savePending(save)
      : step === "iterate"
      ? saveIterate(save, output)
      : saveComplete(save, output);
    assertEquals([result, save.failedCall, save.failedOffset], [-ERRNO.EIO, "pread", at]);
    assertEquals(log.filter((line) => line.startsWith("send DATA")), []);
    assertEquals(save.transferredBytes, 0);
    failing = false;
  }
});

Deno.test("a call that reads less than a register is EINVAL", () => {
  const { device } = savingOf();
  const save = createRegionSave(withCalls(device, { readRegion: () => 4 }), REGION_SAVE_DEFAULTS);
  assertEquals([savePending(save), save.pendingBytes], [-ERRNO.EINVAL, 0]);
  assertEquals([save.failedCall, save.failedOffset], ["pread", 8]);
});

Deno.test("a pending_bytes that cannot be read counts as 0", () => {
  const { device, save } = savingOf();
  savePending(save);
  const broken = { ...save, device: withCalls(device, { readRegion: () => -ERRNO.EIO }) };
  assertEquals([savePending(broken), broken.pendingBytes], [-ERRNO.EIO, 0]);
});

Deno.test("a buffer that the device places outside of its region is refused, unread", () => {
  const { device, output, log } = savingOf();
  const wild = withCalls(device, {
    readRegion(view, offset, length) {
      const result = device.readRegion(view, offset, length);
      if (offset === 24) view.setUint32(0, 257, true);
      return result;
    },
  });
  const save = createRegionSave(wild, REGION_SAVE_DEFAULTS);
  assertEquals(saveIterate(save, output), -ERRNO.EINVAL);
  assertEquals([save.failedCall, save.failedOffset], ["pread", 24]);
  assertEquals(log.filter((line) => line.startsWith("send")), []);
});

Deno.test("a channel that breaks ends the sequence with its errno", () => {
  const { save } = savingOf();
  const broken = { capacity: 64, claim: () => null, send: () => -ERRNO.EPIPE };
  assertEquals(saveIterate(save, broken), -ERRNO.EPIPE);
  assertEquals(save.failedCall, "send");
  assertEquals(saveComplete(save, broken), -ERRNO.EPIPE);
  const atEnd = {
    ...broken,
    send: (kind: number) => kind === MESSAGE.END_OF_STATE ? -ERRNO.EPIPE : 0,
  };
  // The buffer went, and is not asked for again by a cached pending_bytes of before.
  assertEquals(saveIterate(savingOf().save, atEnd), -ERRNO.EPIPE);
});

Deno.test("an IOMMU that does not track ends the setup before the device is touched", () => {
  const { device, output, log } = saveOf();
  const save = createRegionSave(
    withCalls(device, { dirtyPages: () => -ERRNO.ENOMEM }),
    REGION_SAVE_DEFAULTS,
  );
  assertEquals(saveSetup(save, output), -ERRNO.ENOMEM);
  assertEquals([save.failedCall, log], ["VFIO_IOMMU_DIRTY_PAGES", []]);
  assertEquals(saveCleanup(save), -ERRNO.ENOMEM);
});
