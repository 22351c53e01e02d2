import { assert, assertEquals, assertThrows } from "@std/assert";
import { ERRNO, read, regionOf, write } from "../libc/mod.ts";
import {
  breakMultifdSockets,
  closeMultifdSockets,
  MAX_MULTIFD_CHANNELS,
  openMultifdSockets,
} from "./multifd_sockets.ts";

const region = regionOf(new ArrayBuffer(8));

for (const kind of ["unix", "tcp"] as const) {
  Deno.test(`${kind}: each channel carries its own bytes`, () => {
    const sockets = openMultifdSockets(kind, 3);
    for (const [channel, fd] of sockets.source.fds.entries()) {
      region.bytes[0] = channel + 1;
      assertEquals(write(fd, region.pointer, 1), 1);
    }
    for (const [channel, fd] of sockets.destination.fds.entries()) {
      assertEquals(read(fd, region.pointer, 8), 1);
      assertEquals(region.bytes[0], channel + 1);
    }
    closeMultifdSockets(sockets);
    for (const fd of [...sockets.source.fds, ...sockets.destination.fds]) {
      assert(read(fd, region.pointer, 1) < 0);
    }
  });

  Deno.test(`${kind}: broken channels end on both sides, and the first errno stays`, () => {
    const sockets = openMultifdSockets(kind, 2);
    assertEquals(sockets.source.broken[0], 0);
    breakMultifdSockets(sockets, ERRNO.ETIMEDOUT);
    breakMultifdSockets(sockets, ERRNO.EPIPE);
    for (const { fds, broken } of [sockets.source, sockets.destination]) {
      assertEquals(broken[0], ERRNO.ETIMEDOUT);
      for (const fd of fds) {
        assertEquals(read(fd, region.pointer, 8), 0);
        assertEquals(write(fd, region.pointer, 8), -ERRNO.EPIPE);
      }
    }
    closeMultifdSockets(sockets);
  });
}

Deno.test("no channel, or more than have an id, is refused", () => {
  for (const count of [0, 1.5, MAX_MULTIFD_CHANNELS + 1]) {
    assertThrows(() => openMultifdSockets("unix", count), RangeError, `${count}`);
  }
});
