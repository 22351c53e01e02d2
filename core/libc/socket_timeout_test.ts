import { assertEquals, assertGreater } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close } from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import type { SocketAddress } from "./sockaddr.ts";
import { bind, getsockname, listen, socketTcp, socketUnix } from "./socket.ts";
import { acceptTimeout, connectTimeout } from "./socket_timeout.ts";
import { check } from "./system_call_error.ts";
import { socketOption } from "./testdata/socket_option.ts";

const LONG_MS = 10_000;

interface Listener {
  readonly fd: number;
  readonly address: SocketAddress;
}

/** A listener with room for `backlog` connections, of either kind. */
function listenOn(kind: "unix" | "tcp", backlog: number): Listener {
  const fd = check(socketOf(kind), "socket", "make a test socket");
  const wanted: SocketAddress = kind === "unix"
    ? { kind, path: `\0vfio-migbench ${crypto.randomUUID()}` }
    : { kind, host: "127.0.0.1", port: 0 };
  check(bind(fd, wanted), "bind", "bind a test socket");
  check(listen(fd, backlog), "listen", "listen on a test socket");
  const address = getsockname(fd);
  if (typeof address === "number") throw new TypeError("Cannot test: the listener has no address");
  return { fd, address };
}

function socketOf(kind: "unix" | "tcp"): number {
  return kind === "unix" ? socketUnix() : socketTcp();
}

for (const kind of ["unix", "tcp"] as const) {
  Deno.test(`${kind}: a connection within the time is made and accepted`, () => {
    const listener = listenOn(kind, 1);
    const client = check(socketOf(kind), "socket", "make a test socket");
    assertEquals(connectTimeout(client, listener.address, LONG_MS), 0);
    const server = acceptTimeout(listener.fd, LONG_MS);
    assertGreater(server, 0);
    for (const fd of [server, client, listener.fd]) close(fd);
  });

  Deno.test(`${kind}: accepting gives up when nobody comes`, () => {
    const listener = listenOn(kind, 1);
    assertEquals(acceptTimeout(listener.fd, 0), -ERRNO.ETIMEDOUT);
    assertEquals(acceptTimeout(listener.fd, 5), -ERRNO.ETIMEDOUT);
    close(listener.fd);
  });

  Deno.test(`${kind}: connecting gives up when the backlog stays full`, () => {
    const listener = listenOn(kind, 0);
    const clients: number[] = [];
    let result = 0;
    // How many the kernel lets wait beyond the backlog is its own affair; it is not many.
    while (result === 0 && clients.length < 16) {
      const client = check(socketOf(kind), "socket", "make a test socket");
      clients.push(client);
      result = connectTimeout(client, listener.address, 20);
    }
    assertEquals(result, -ERRNO.ETIMEDOUT);
    for (const fd of [...clients, listener.fd]) close(fd);
  });
}

Deno.test("any other failure is the kernel's own", () => {
  const gone = listenOn("unix", 1);
  close(gone.fd);
  const client = check(socketUnix(), "socket", "make a test socket");
  assertEquals(connectTimeout(client, gone.address, LONG_MS), -ERRNO.ECONNREFUSED);
  assertEquals(acceptTimeout(client, LONG_MS), -ERRNO.EINVAL);
  close(client);
  const file = check(memfdCreate("no socket"), "memfd_create", "make a test file");
  assertEquals(connectTimeout(file, gone.address, LONG_MS), -ERRNO.ENOTSOCK);
  assertEquals(acceptTimeout(file, LONG_MS), -ERRNO.ENOTSOCK);
  close(file);
  assertEquals(acceptTimeout(-1, LONG_MS), -ERRNO.EBADF);
});

Deno.test("a connection made in time keeps no bound on later writes", () => {
  const SO_SNDTIMEO = 21;
  const listener = listenOn("tcp", 1);
  const client = check(socketTcp(), "socket", "make a test socket");
  assertEquals(connectTimeout(client, listener.address, LONG_MS), 0);
  const timeval = socketOption(client, SO_SNDTIMEO, 16);
  assertEquals(timeval.getBigInt64(0, true), 0n);
  assertEquals(timeval.getBigInt64(8, true), 0n);
  close(client);
  close(listener.fd);
});
