// In a guest with the module: deno task test:vfio
import { assertEquals } from "@std/assert";
import { close, ERRNO, OPEN, open, POLL, poll, regionOf, write } from "../../../core/libc/mod.ts";
import { DEVICE_STATE } from "../../../core/vfio/mod.ts";
import { Migdev, WAYS } from "./testdata/migdev.ts";
import type { RawDevice } from "./testdata/raw_device.ts";

const { ERROR, STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;
const { EBADMSG, EBUSY, EINVAL, EIO, ENODEV, ENOMSG, ENOSPC, ERANGE } = ERRNO;
const SMALL = { state_size: 1000, initial_fraction: 0.5, chunk_size: 100 };
const FULL = 1000 + 3 * 24;
const memory = regionOf(new ArrayBuffer(64 * 1024));
const READY = POLL.POLLIN;

function smallDevice(index = 0): [Migdev, RawDevice] {
  const migdev = new Migdev(index);
  migdev.use(SMALL);
  return [migdev, migdev.open()];
}

function infoOf(device: RawDevice): unknown {
  const info = { flags: 0, initialBytes: -1, dirtyBytes: -1 };
  const result = device.getPrecopyInfo(info);
  return result < 0 ? result : info;
}

/** SMALL's stream, in `memory`. */
function saveWhole(device: RawDevice): void {
  assertEquals(device.setState(STOP_COPY), 0);
  assertEquals(device.read(memory, FULL), FULL);
  assertEquals(device.setState(STOP), 0);
}

Deno.test("the nth read fails, and only that", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  migdev.set("fail_read", "3 EIO");
  assertEquals([1, 2, 3, 4].map(() => device.read(memory, 10)), [10, 10, -EIO, 10]);
  migdev.set("fail_read", "1 28");
  assertEquals(migdev.get("fail_read"), "1 ENOSPC");
  assertEquals(device.read(memory, 10), -ENOSPC);
  assertEquals(migdev.get("fail_read"), "none");
  migdev.set("fail_read", "1 EIO");
  migdev.set("fail_read", "none");
  assertEquals(device.read(memory, 10), 10);
});

Deno.test("a failing read can take the device to ERROR, which only a reset leaves", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  migdev.set("fail_read", "1 EIO ERROR");
  assertEquals(device.read(memory, 10), -EIO);
  assertEquals(device.getState(), ERROR);
  assertEquals(device.read(memory, 10), -ENODEV);
  assertEquals(infoOf(device), -EINVAL);
  for (const state of [ERROR, STOP, RUNNING, STOP_COPY]) {
    assertEquals(device.setState(state), -EINVAL);
  }
  assertEquals(device.reset(), 0);
  assertEquals(device.getState(), RUNNING);
  assertEquals(device.setState(PRE_COPY), 0);
});

Deno.test("the nth write fails", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  saveWhole(device);
  assertEquals(device.setState(RESUMING), 0);
  migdev.set("fail_write", "2 ENOSPC");
  assertEquals(device.write(memory, 0, 500), 500);
  assertEquals(device.write(memory, 500, FULL - 500), -ENOSPC);
  assertEquals(device.write(memory, 500, FULL - 500), FULL - 500);
  assertEquals(device.setState(STOP), 0);
});

Deno.test("an arc fails, in place or into ERROR", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  migdev.set("fail_state", "STOP_COPY EIO");
  assertEquals(device.setState(STOP_COPY), -EIO);
  assertEquals(device.getState(), PRE_COPY_P2P);
  assertEquals(device.read(memory, FULL), 500 + 24); // the session goes on
  assertEquals(device.setState(RUNNING), 0);
  migdev.set("fail_state", "PRE_COPY EBUSY ERROR");
  assertEquals(device.setState(PRE_COPY), -EBUSY);
  assertEquals(device.getState(), ERROR);
  assertEquals(device.reset(), 0);
});

Deno.test("a read is cut short", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(STOP_COPY), 0);
  migdev.set("short_read", "2 7");
  assertEquals([1, 2, 3].map(() => device.read(memory, 100)), [100, 7, 100]);
});

Deno.test("a byte that went bad while loading is found by the checksum, and without it is not", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  const saved = migdev.get("checksum");
  for (const verify of [1, 0]) {
    assertEquals(device.reset(), 0);
    migdev.set("verify", 1);
    saveWhole(device);
    migdev.set("verify", verify);
    migdev.set("corrupt", 555);
    assertEquals(migdev.get("corrupt"), "555");
    assertEquals(device.setState(RESUMING), 0);
    assertEquals(device.write(memory, 0, FULL), FULL);
    assertEquals(device.setState(STOP), verify === 1 ? -EBADMSG : 0);
    assertEquals(device.getState(), verify === 1 ? RESUMING : STOP);
    assertEquals(migdev.get("checksum") === saved, false);
    assertEquals(migdev.get("corrupt"), "none");
    migdev.set("corrupt", "none");
    assertEquals(device.reset(), 0);
    migdev.set("seed", 1);
    assertEquals(migdev.get("checksum"), saved);
  }
});

Deno.test("a byte that goes bad on the way is found too", () => {
  const [, device] = smallDevice();
  using _closed = device;
  saveWhole(device);
  memory.bytes[24 + 77]! ^= 1;
  assertEquals(device.setState(RESUMING), 0);
  assertEquals(device.write(memory, 0, FULL), FULL);
  assertEquals(device.setState(RUNNING), -EBADMSG);
});

Deno.test("on demand the device falls to ERROR", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(poll(device.dataFd, READY, 0), POLL.POLLIN);
  migdev.set("error", 1);
  assertEquals(migdev.get("state"), "ERROR");
  assertEquals(device.read(memory, 10), -ENODEV);
  device.close();
  assertEquals(migdev.tryWrite("error", "1"), -ENODEV);
  // The state is the session's: opened again it is gone.
  using again = migdev.open();
  assertEquals(again.getState(), RUNNING);
});

Deno.test("unplugged, every call gives ENODEV until the device is closed and plugged in again", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  assertEquals(device.setState(PRE_COPY), 0);
  assertEquals(device.read(memory, 10), 10);
  migdev.set("unplug", 1);
  assertEquals(migdev.get("unplug"), "1");
  assertEquals(poll(device.dataFd, READY, 0) & POLL.POLLIN, POLL.POLLIN);
  assertEquals(device.read(memory, 10), -ENODEV);
  assertEquals(infoOf(device), -ENODEV);
  assertEquals(device.askState(), -ENODEV);
  assertEquals(device.getDataSize({ stopCopyLength: 0 }), -ENODEV);
  for (const state of [PRE_COPY, STOP, RUNNING]) assertEquals(device.setState(state), -ENODEV);
  assertEquals(device.reset(), -ENODEV);
  assertEquals(migdev.tryWrite("unplug", "0"), -EBUSY);
  device.close();
  let refused = "";
  try {
    migdev.open();
  } catch (error) {
    refused = `${error}`;
  }
  assertEquals(refused.includes("ENODEV"), true, refused);
  migdev.set("unplug", 0);
  using again = migdev.open();
  assertEquals(again.getState(), RUNNING);
  assertEquals(again.setState(PRE_COPY), 0);
});

/** Writes to a file of the driver's in sysfs from another thread; settles with the result. */
function writeElsewhere(file: string, text: string): Promise<number> {
  const code = `
    import { close, OPEN, open, regionOf, write } from ${
    JSON.stringify(new URL("../../../core/libc/mod.ts", import.meta.url).href)
  };
    const region = regionOf(new TextEncoder().encode(${JSON.stringify(text)}).buffer);
    const fd = open(${JSON.stringify(file)}, OPEN.O_WRONLY);
    const n = fd < 0 ? fd : write(fd, region.pointer, region.bytes.length);
    close(fd);
    self.postMessage(n);`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      worker.terminate();
      URL.revokeObjectURL(url);
      resolve(data);
    };
    worker.onerror = (event) => reject(event.message);
  });
}

Deno.test("an unbind in the middle takes the device away at once, and returns when it is closed", async () => {
  for (const way of WAYS) {
    const migdev = new Migdev(3);
    migdev.use(SMALL);
    using device = migdev.open(way);
    assertEquals(device.setState(PRE_COPY), 0);
    assertEquals(device.read(memory, FULL), 500 + 24);
    assertEquals(device.read(memory, FULL), -ENOMSG);
    const drivers = "/sys/bus/platform/drivers/migdev";
    let isUnbound = false;
    const unbound = writeElsewhere(`${drivers}/unbind`, migdev.name).then((n) => {
      isUnbound = true;
      return n;
    });
    // Nothing to read: it is the unplugging that the poll wakes of.
    while ((poll(device.dataFd, READY, 100) & POLL.POLLIN) === 0) await Promise.resolve();
    assertEquals(device.read(memory, 10), -ENODEV);
    assertEquals(device.setState(RUNNING), -ENODEV);
    assertEquals(isUnbound, false);
    device.close(false);
    assertEquals(await unbound, migdev.name.length);
    // The data_fd may outlive even that.
    assertEquals(device.read(memory, 10), -ENODEV);
    device.closeData();
    const region = regionOf(new TextEncoder().encode(migdev.name).buffer);
    const fd = open(`${drivers}/bind`, OPEN.O_WRONLY);
    assertEquals(write(fd, region.pointer, region.bytes.length), migdev.name.length);
    close(fd);
    using again = migdev.open(way);
    assertEquals(again.getState(), RUNNING);
  }
});

Deno.test("unplugging ends an arc that takes its time", async () => {
  const migdev = new Migdev(0);
  migdev.use({ ...SMALL, suspend_stop_ms: 600_000 });
  using device = migdev.open();
  assertEquals(device.setState(PRE_COPY), 0);
  // From another thread: this one is in the ioctl by then, or finds it done.
  const unplugged = writeElsewhere(`/sys/bus/platform/devices/${migdev.name}/unplug`, "1");
  assertEquals(device.setState(STOP_COPY), -ENODEV);
  assertEquals(await unplugged, 1);
  device.close();
  migdev.set("defaults", 1);
});

Deno.test("what is no fault is refused", () => {
  const [migdev, device] = smallDevice();
  using _closed = device;
  device.close();
  for (
    const [attribute, value] of [
      ["fail_read", "0 EIO"],
      ["fail_read", "EIO"],
      ["fail_read", "1 EWHAT"],
      ["fail_read", "1 0"],
      ["fail_read", "1 134"],
      ["fail_read", "1 EIO WHAT"],
      ["fail_read", "1 EIO ERROR more"],
      ["fail_state", "NOWHERE EIO"],
      ["fail_state", "ERROR EIO"],
      ["short_read", "1 5 ERROR"],
      ["error", "2"],
      ["unplug", "perhaps"],
      ["dirty", " "],
      ["dirty", "1 2 3"],
      ["corrupt", "-1"],
      ["seed", "4294967296x"],
    ] as const
  ) {
    assertEquals(migdev.tryWrite(attribute, value), -EINVAL, `${attribute} ${value}`);
  }
  assertEquals(migdev.tryWrite("corrupt", "1000"), -ERANGE);
  assertEquals(migdev.get("fail_read"), "none");
});
