// In a guest with the module: deno task test:vfio
import { assertEquals } from "@std/assert";
import { ERRNO, ioctl, lseek, pread, regionOf, SEEK } from "../../../core/libc/mod.ts";
import { callFeature, createFeatureMemory } from "../../../core/device/kernel/mod.ts";
import {
  DEVICE_STATE,
  type DeviceState,
  FEATURE,
  FEATURE_OP,
  PRECOPY_INFO_SIZE,
  VFIO_IOCTL,
  writePrecopyInfo,
} from "../../../core/vfio/mod.ts";
import { Migdev, WAYS } from "./testdata/migdev.ts";
import type { RawDevice } from "./testdata/raw_device.ts";

const { STOP, RUNNING, STOP_COPY, RESUMING, RUNNING_P2P, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const { EBADF, EINVAL, ENODEV, ENOMEM, ENOMSG, ENOTTY, ESPIPE, EFAULT } = ERRNO;
const SMALL = { state_size: 1000, initial_fraction: 0.5, chunk_size: 100 };
/** SMALL's stream without precopy: two records and the end. */
const FULL = 1000 + 3 * 24;
const memory = regionOf(new ArrayBuffer(64 * 1024));

function smallDevice(): [Migdev, RawDevice] {
  const migdev = new Migdev(0);
  migdev.use(SMALL);
  return [migdev, migdev.open()];
}

/** What the three calls on the data_fd answer: reading, writing, asking. */
function dataFdCalls(device: RawDevice): number[] {
  const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
  return [device.read(memory, 1), device.write(memory, 0, 1), device.getPrecopyInfo(info)];
}

Deno.test("the data_fd's calls answer as the kernel's files do, in every state", () => {
  const [, device] = smallDevice();
  using _closed = device;
  const answers = (state: DeviceState) => {
    assertEquals(device.reset(), 0);
    assertEquals(device.setState(state), 0);
    return dataFdCalls(device);
  };
  assertEquals(answers(RUNNING), [-EBADF, -EBADF, -EBADF]); // there is none yet
  assertEquals(answers(PRE_COPY), [1, -EBADF, 0]);
  assertEquals(answers(PRE_COPY_P2P), [1, -EBADF, 0]);
  assertEquals(answers(STOP_COPY), [1, -EBADF, -EINVAL]);
  // A session that is over: its fd for reading.
  for (const state of [RUNNING, RUNNING_P2P, STOP] as const) {
    assertEquals(answers(state), [-ENODEV, -EBADF, -EINVAL]);
  }
  assertEquals(answers(RESUMING), [-EBADF, 1, -ENOTTY]);
  // And its fd for writing.
  for (const state of [RUNNING, RUNNING_P2P, STOP] as const) {
    assertEquals(answers(state), [-EBADF, -ENODEV, -ENOTTY]);
  }
});

Deno.test("the data_fd of an earlier session is dead, even while a later one is open", () => {
  const [, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  const earlier = device.dataFd;
  device.dataFd = -1;
  assertEquals(device.setState(RUNNING), 0);
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(dataFdCalls(device), [1, -EBADF, 0]);
  const later = device.dataFd;
  device.dataFd = earlier;
  assertEquals(dataFdCalls(device), [-ENODEV, -EBADF, -ENODEV]);
  device.closeData();
  device.dataFd = later;
  assertEquals(dataFdCalls(device), [1, -EBADF, 0]);
});

Deno.test("a data_fd has no position, and knows no other ioctl", () => {
  const [, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(pread(device.dataFd, memory.pointer, 1, 0), -ESPIPE);
  assertEquals(lseek(device.dataFd, 0, SEEK.SEEK_SET), -ESPIPE);
  const { MIG_GET_PRECOPY_INFO, DEVICE_RESET } = VFIO_IOCTL;
  assertEquals(ioctl(device.dataFd, DEVICE_RESET, memory.pointer), -ENOTTY);
  writePrecopyInfo(memory.view, 0, { flags: 0, initialBytes: 0, dirtyBytes: 0 });
  assertEquals(ioctl(device.dataFd, MIG_GET_PRECOPY_INFO, memory.pointer), 0);
  memory.view.setUint32(0, PRECOPY_INFO_SIZE - 1, true);
  assertEquals(ioctl(device.dataFd, MIG_GET_PRECOPY_INFO, memory.pointer), -EINVAL);
  assertEquals(ioctl(device.dataFd, MIG_GET_PRECOPY_INFO, null), -EFAULT);
});

Deno.test("ENOMSG while nothing is left for now, 0 once nothing is left for good", () => {
  const [, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(device.read(memory, FULL), 500 + 24);
  assertEquals(device.read(memory, FULL), -ENOMSG);
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.read(memory, FULL), 500 + 2 * 24);
  assertEquals(device.read(memory, FULL), 0);
});

Deno.test("the flags of a precopy info are the caller's own until the opt-in, which a reopening ends", () => {
  const [migdev, device] = smallDevice();
  const optIn = migdev.get("precopy_info_v2") === "1" ? 0 : -ENOTTY;
  const flagsOf = (device: RawDevice) => {
    const info = { flags: 0x55, initialBytes: 0, dirtyBytes: 0 };
    assertEquals(device.getPrecopyInfo(info), 0);
    return info.flags;
  };
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(flagsOf(device), 0x55);
  assertEquals(device.setPrecopyInfoV2(), optIn);
  assertEquals(flagsOf(device), optIn === 0 ? 0 : 0x55);
  assertEquals(device.reset(), 0);
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(flagsOf(device), optIn === 0 ? 0 : 0x55);
  device.close();
  using again = migdev.open();
  assertEquals(again.setState(PRE_COPY), 0);
  assertEquals(flagsOf(again), 0x55);
});

Deno.test("a device without PRE_COPY refuses the opt-in", () => {
  const migdev = new Migdev(0);
  migdev.use({ ...SMALL, precopy: false });
  using device = migdev.open();
  const known = migdev.get("precopy_info_v2") === "1";
  assertEquals(device.setPrecopyInfoV2(), known ? -EINVAL : -ENOTTY);
});

Deno.test("a write beyond the end is ENOMEM, and what was loaded stays whole", () => {
  const [, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.read(memory, FULL), FULL);
  assertEquals(device.setState(RESUMING), 0);
  assertEquals(device.write(memory, 0, FULL + 1), FULL);
  assertEquals(device.write(memory, 0, 1), -ENOMEM);
  assertEquals(device.setState(RUNNING), 0);
});

Deno.test("closing the device ends its session; opened again it is RUNNING and holds its state", () => {
  for (const way of WAYS) {
    const [migdev, first] = smallDevice();
    first.close();
    const device = migdev.open(way);
    const checksum = migdev.get("checksum");
    assertEquals(device.setState(STOP_COPY), 0);
    assertEquals(device.read(memory, 10), 10);
    device.close(false);
    assertEquals(device.read(memory, 10), -ENODEV);
    assertEquals(migdev.get("state"), "RUNNING");
    using again = migdev.open(way);
    assertEquals(again.getState(), RUNNING);
    assertEquals(device.read(memory, 10), -ENODEV);
    device.closeData();
    assertEquals(migdev.get("checksum"), checksum);
  }
});

Deno.test("a data_fd may be closed in the middle of its session", () => {
  const [, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  device.closeData();
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.dataFd, -1);
  assertEquals(device.setState(RUNNING), 0);
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(device.read(memory, FULL), 500 + 24);
});

Deno.test("the device says that it can be reset, and has no regions and no interrupts", () => {
  const [, device] = smallDevice();
  using _closed = device;
  const { DEVICE_GET_INFO } = VFIO_IOCTL;
  memory.bytes.fill(0xee, 0, 32);
  memory.view.setUint32(0, 16, true);
  assertEquals(ioctl(device.deviceFd, DEVICE_GET_INFO, memory.pointer), 0);
  assertEquals([4, 8, 12].map((at) => memory.view.getUint32(at, true)), [1, 0, 0]);
  assertEquals(memory.view.getUint32(16, true), 0xeeeeeeee);
  memory.view.setUint32(0, 15, true);
  assertEquals(ioctl(device.deviceFd, DEVICE_GET_INFO, memory.pointer), -EINVAL);
  for (const request of [DEVICE_GET_INFO + 1, DEVICE_GET_INFO + 2, DEVICE_GET_INFO + 3]) {
    memory.view.setUint32(0, 64, true);
    assertEquals(ioctl(device.deviceFd, request, memory.pointer), -EINVAL);
  }
  assertEquals(ioctl(device.deviceFd, 0x3bff, memory.pointer), -ENOTTY);
});

Deno.test("DMA logging is a feature that it does not have", () => {
  const [, device] = smallDevice();
  using _closed = device;
  const feature = createFeatureMemory();
  const probe = (number: number) =>
    callFeature(device.deviceFd, feature, number | FEATURE_OP.PROBE, 0);
  assertEquals(probe(FEATURE.MIGRATION | FEATURE_OP.GET), 0);
  assertEquals(probe(FEATURE.MIG_DATA_SIZE | FEATURE_OP.GET), 0);
  assertEquals(probe(FEATURE.DMA_LOGGING_START | FEATURE_OP.SET), -ENOTTY);
});
