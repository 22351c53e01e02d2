/** Run in the guest: deno task test:vfio. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { countOpenFds, ERRNO, regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE, MIGRATION, PRECOPY_INFO } from "../../vfio/mod.ts";
import { takeOverDevice } from "../hand_over.ts";
import { wallClock } from "../../clock/mod.ts";
import { DeviceError } from "./device_error.ts";
import type { KernelDevice } from "./kernel_device.ts";
import { bringBack } from "./bring_back.ts";
import { openKernelDevice } from "./open_kernel_device.ts";
import {
  fileOf,
  freshMigdevs,
  getMigdev,
  moveAll,
  moveState,
  mttys,
  setMigdev,
  type Way,
  WAYS,
  writeAll,
} from "./testdata/guest_devices.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY } = DEVICE_STATE;
const MIB = 1024 * 1024;
const region = regionOf(new ArrayBuffer(MIB));

/** Opens both, hands them out, closes them; nothing is left open, whatever happens. */
function withPair(
  [source, destination]: readonly string[],
  way: Way,
  use: (source: KernelDevice, destination: KernelDevice) => void,
): void {
  assert(source !== undefined && destination !== undefined);
  const before = countOpenFds();
  const from = openKernelDevice(fileOf(source, way), { id: source });
  try {
    const to = openKernelDevice(fileOf(destination, way), { id: destination });
    try {
      use(from, to);
    } finally {
      to.close();
    }
  } finally {
    from.close();
  }
  assertEquals(countOpenFds(), before);
}

for (const way of WAYS) {
  Deno.test(`mtty to mtty by ${way}: a read of 0 in PRE_COPY is empty for now, and stop-copy has the rest`, () => {
    withPair(mttys(), way, (source, destination) => {
      assertEquals(source.migrationFlags & MIGRATION.PRE_COPY, MIGRATION.PRE_COPY);
      const size = { stopCopyLength: 0 };
      assertEquals(source.getDataSize(size), 0);
      const { precopy, stopCopy } = moveState(source, destination);
      assert(precopy > 0 && stopCopy > 0);
      assertEquals(precopy + stopCopy, size.stopCopyLength);
      assertEquals([source.getState(), destination.getState()], [STOP_COPY, RUNNING]);
    });
  });

  Deno.test(`migdev to migdev by ${way}: a state that is dirtied during precopy arrives, says the driver`, () => {
    const pair = freshMigdevs({
      state_size: "24M",
      dirty_every_reads: 4,
      dirty_read_size: "1M",
      dirty_span: "8M",
    });
    withPair(pair, way, (source, destination) => {
      const { precopy, stopCopy } = moveState(source, destination);
      // What was dirtied moves again.
      assert(precopy > 25 * MIB, `moved ${precopy} in precopy, ${stopCopy} after`);
      assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
    });
    freshMigdevs();
  });
}

Deno.test("REINIT is told to who has opted in, once, and its data moves", () => {
  const pair = freshMigdevs({ state_size: "4M" });
  withPair(pair, "cdev", (source, destination) => {
    const info = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
    assertEquals(source.setPrecopyInfoV2(), 0);
    assertEquals([source.setState(PRE_COPY), destination.setState(RESUMING)], [0, 0]);
    assertEquals([source.getPrecopyInfo(info), info.flags], [0, 0]);
    assert(info.initialBytes >= 4 * MIB);
    moveAll(source, destination);
    assertEquals([source.getPrecopyInfo(info), info.initialBytes], [0, 0]);
    setMigdev("migdev.0", { reinit: "1M" });
    info.flags = 0;
    assertEquals([source.getPrecopyInfo(info), info.flags], [0, PRECOPY_INFO.REINIT]);
    assert(info.initialBytes >= MIB && info.dirtyBytes === 0);
    info.flags = 0;
    assertEquals([source.getPrecopyInfo(info), info.flags], [0, 0]);
    assert(moveAll(source, destination) >= MIB);
    assertEquals(source.setState(STOP_COPY), 0);
    moveAll(source, destination);
    assertEquals(destination.setState(RUNNING), 0);
    assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
  });
});

Deno.test("a truncated stream is refused at RESUMING -> STOP; a reset leads out", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "group", (source, destination) => {
    assertEquals([source.setState(STOP_COPY), destination.setState(RESUMING)], [0, 0]);
    // A record's head comes by itself.
    for (let n = 0, bytes = 0; bytes < 4096; bytes += n) {
      n = source.read(region, 4096);
      assertEquals([n > 0, writeAll(destination, region, n)], [true, 0]);
    }
    assertEquals([destination.setState(STOP), destination.getState()], [-ERRNO.EINVAL, RESUMING]);
    assertEquals([destination.reset(), destination.getState()], [0, RUNNING]);
    assertEquals(destination.write(region, 0, 8), -ERRNO.ENODEV);
  });
  withPair(mttys(), "group", (source, destination) => {
    assertEquals([source.setState(STOP_COPY), destination.setState(RESUMING)], [0, 0]);
    const n = source.read(region, 32);
    assertEquals([n, writeAll(destination, region, n)], [32, 0]);
    assertEquals([destination.setState(STOP), destination.getState()], [-ERRNO.EINVAL, RESUMING]);
    assertEquals(bringBack(destination), null);
  });
});

Deno.test("an overlong write is refused, and what had come is taken", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "cdev", (source, destination) => {
    moveStopCopy(source, destination);
    assertEquals(destination.write(region, 8, 8), -ERRNO.ENOMEM);
    assertEquals(destination.setState(RUNNING), 0);
  });
  withPair(mttys(), "cdev", (source, destination) => {
    moveStopCopy(source, destination);
    assertEquals(destination.write(region, 0, MIB), -ERRNO.ENOMEM);
  });
});

function moveStopCopy(source: KernelDevice, destination: KernelDevice): void {
  assertEquals([source.setState(STOP_COPY), destination.setState(RESUMING)], [0, 0]);
  assert(moveAll(source, destination) > 0);
}

Deno.test("a device in ERROR answers errors until it is reset", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "cdev", (source) => {
    assertEquals(source.setState(PRE_COPY), 0);
    setMigdev("migdev.0", { error: 1 });
    assertEquals(source.getState(), ERROR);
    assert(source.read(region, MIB) < 0);
    assert(source.setState(RUNNING) < 0);
    assertEquals(bringBack(source), null);
    assertEquals(source.getState(), RUNNING);
  });
});

Deno.test("a state that cannot be reached leaves the device where it got to", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "cdev", (source) => {
    setMigdev("migdev.0", { fail_state: "STOP_COPY EIO" });
    assertEquals([source.setState(STOP_COPY), source.getState()], [-ERRNO.EIO, STOP]);
    assertEquals(source.read(region, 8), -ERRNO.EBADF);
    assertEquals([source.setState(RUNNING), source.getState()], [0, RUNNING]);
    // On the way out of a session that session is over, though its end was not reached.
    assertEquals(source.setState(PRE_COPY), 0);
    setMigdev("migdev.0", { fail_state: "STOP EIO" });
    assertEquals(source.setState(STOP), -ERRNO.EIO);
    assertEquals(source.read(region, 8), -ERRNO.ENODEV);
  });
});

Deno.test("a device that is unplugged answers ENODEV, and cannot be brought back", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "cdev", (source, destination) => {
    assertEquals([source.setState(PRE_COPY), destination.setState(RESUMING)], [0, 0]);
    assert(source.read(region, 4096) > 0);
    setMigdev("migdev.0", { unplug: 1 });
    assertEquals(source.read(region, 4096), -ERRNO.ENODEV);
    assertEquals(source.setState(STOP_COPY), -ERRNO.ENODEV);
    assertEquals(source.getState(), ERROR);
    const why = bringBack(source);
    assert(why !== null && why.includes("ENODEV"), `${why}`);
  });
  setMigdev("migdev.0", { unplug: 0 });
});

Deno.test("STOP_COPY -> PRE_COPY is never asked of the kernel", () => {
  withPair(freshMigdevs({ state_size: "1M" }), "cdev", (source) => {
    assertEquals(source.setState(STOP_COPY), 0);
    assertEquals([source.setState(PRE_COPY), source.getState()], [-ERRNO.EINVAL, STOP_COPY]);
    // Setting the present state keeps the session.
    assertEquals(source.setState(STOP_COPY), 0);
    assert(source.read(region, 4096) > 0);
  });
});

Deno.test("a device that changes hands after every buffer arrives whole", () => {
  withPair(freshMigdevs({ state_size: "3M" }), "cdev", (source, destination) => {
    const elsewhere = (device: KernelDevice) =>
      takeOverDevice(structuredClone(device.handOver()), wallClock);
    assertEquals([source.setState(PRE_COPY), destination.setState(RESUMING)], [0, 0]);
    const there = elsewhere(source);
    assertEquals(there.setState(STOP_COPY), 0);
    for (let n = 1; n > 0;) {
      n = there.read(region, 100_000);
      const loading = elsewhere(destination);
      for (let done = 0; done < n;) done += loading.write(region, done, n - done);
    }
    source.takeBack(structuredClone(source.handOver()));
    assertEquals(destination.setState(RUNNING), 0);
    assertEquals(getMigdev("migdev.1", "checksum"), getMigdev("migdev.0", "checksum"));
  });
});

Deno.test("who comes second, or to the wrong file, gets one line, and nothing stays open", () => {
  freshMigdevs();
  const before = countOpenFds();
  for (const way of WAYS) {
    const device = openKernelDevice(fileOf("migdev.0", way), { id: "first" });
    const open = () => openKernelDevice(fileOf("migdev.0", way), { id: "second" });
    const error = assertThrows(open, DeviceError);
    assert(!error.message.includes("\n"), error.message);
    assert(error.errno !== null && error.call !== null, error.message);
    device.close();
    device.close();
    assertEquals(device.setState(STOP), -ERRNO.EBADF);
  }
  assertThrows(() => openKernelDevice("/dev/vfio/devices/vfio99", { id: "none" }), DeviceError);
  assertEquals(countOpenFds(), before);
});
