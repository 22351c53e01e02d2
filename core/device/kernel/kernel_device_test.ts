import { assertEquals } from "@std/assert";
import {
  close,
  ERRNO,
  pipe,
  type Region,
  regionOf,
  setNonBlocking,
  write,
} from "../../libc/mod.ts";
import { KernelDevice, type KernelHandover } from "./kernel_device.ts";

/** A device in a session whose data_fd is this; there is nothing to change states of. */
function inSession(
  dataFd: number,
  side: "saving" | "resuming",
  { waitMs = 60_000, cancel = null }: { waitMs?: number; cancel?: SharedArrayBuffer | null } = {},
): KernelDevice {
  const options: KernelHandover["options"] = {
    id: "nic0",
    deviceFd: -1,
    fds: [],
    migrationFlags: 7,
    waitMs,
    cancel,
  };
  return KernelDevice.takeOver({
    kind: "kernel",
    options,
    session: { dataFd, side, had: true },
  });
}

/** A data_fd as mlx5's: nothing ready is EAGAIN, and poll(2) waits for it. */
function withPipe(use: (readFd: number, writeFd: number) => void): void {
  const fds = pipe();
  if (typeof fds === "number") throw new Error(`Cannot make a pipe: received ${fds}`);
  setNonBlocking(fds[0], true);
  use(...fds);
}

const region: Region = regionOf(new ArrayBuffer(64));

Deno.test("a read waits for a driver that has nothing ready, no longer than it may", () => {
  withPipe((readFd, writeFd) => {
    const device = inSession(readFd, "saving", { waitMs: 1 });
    assertEquals(device.read(region, 64), -ERRNO.ETIMEDOUT);
    assertEquals(write(writeFd, region.pointer, 24), 24);
    assertEquals(device.read(region, 64), 24);
    device.close();
    close(writeFd);
    assertEquals(device.read(region, 64), -ERRNO.EBADF);
  });
});

Deno.test("a wait ends when nobody wants it any more", () => {
  withPipe((readFd, writeFd) => {
    const cancel = new SharedArrayBuffer(4);
    Atomics.store(new Int32Array(cancel), 0, 1);
    const device = inSession(readFd, "saving", { cancel });
    assertEquals(device.read(region, 64), -ERRNO.ECANCELED);
    device.close();
    close(writeFd);
  });
});

Deno.test("the driver's end of the stream and its errors are passed on", () => {
  withPipe((readFd, writeFd) => {
    const device = inSession(readFd, "saving");
    close(writeFd);
    assertEquals(device.read(region, 64), 0);
    assertEquals(device.write(region, 0, 8), -ERRNO.EBADF);
    device.close();
  });
});

Deno.test("a write takes the region's bytes from any offset", () => {
  withPipe((readFd, writeFd) => {
    region.bytes.forEach((_, i) => region.bytes[i] = i);
    const loading = inSession(writeFd, "resuming");
    assertEquals([loading.write(region, 0, 4), loading.write(region, 40, 4)], [4, 4]);
    const saving = inSession(readFd, "saving");
    const read = regionOf(new ArrayBuffer(16));
    assertEquals(saving.read(read, 16), 8);
    assertEquals([...read.bytes.subarray(0, 8)], [0, 1, 2, 3, 40, 41, 42, 43]);
    assertEquals(loading.read(read, 16), -ERRNO.EBADF);
    for (const device of [saving, loading]) device.close();
  });
});
