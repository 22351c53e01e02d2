import { assertEquals, assertGreater } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { close } from "./file.ts";
import { pointerOf } from "./pointer.ts";
import type { SocketAddress, TcpAddress } from "./sockaddr.ts";
import {
  accept,
  bind,
  connect,
  getsockname,
  listen,
  SHUT,
  shutdown,
  SOCK,
  socketpair,
  socketTcp,
  socketUnix,
} from "./socket.ts";
import { check } from "./system_call_error.ts";
import { pairOf } from "./testdata/pair.ts";
import { read, write } from "./transfer.ts";

const LOOPBACK: TcpAddress = { kind: "tcp", host: "127.0.0.1", port: 0 };

const bytes = new Uint8Array(new SharedArrayBuffer(16));
const source = pointerOf(bytes.buffer);
const target = pointerOf(bytes.buffer, 8);

let next = 0;

/** Sends four new bytes from one fd and says whether they are what the other fd gets. */
function carries(from: number, to: number): boolean {
  bytes.fill(0);
  for (let i = 0; i < 4; i++) bytes[i] = next = (next + 1) % 251 + 1;
  if (write(from, source, 4) !== 4 || read(to, target, 8) !== 4) return false;
  return bytes.slice(0, 4).every((byte, index) => byte === bytes[8 + index]);
}

function closeAll(...fds: number[]): void {
  for (const fd of fds) close(fd);
}

function tcpAddressOf(fd: number): TcpAddress {
  const address = getsockname(fd);
  if (typeof address === "object" && address.kind === "tcp") return address;
  throw new TypeError("Cannot use this as a TCP socket's address: received another kind");
}

/** Connects to a listener and proves both directions and both ends. */
function proveConnection(listener: number, client: number, address: SocketAddress): void {
  assertEquals(connect(client, address), 0);
  const server = check(accept(listener), "accept4", "accept a test connection");
  assertEquals(carries(client, server), true);
  assertEquals(carries(server, client), true);
  assertEquals(shutdown(client, SHUT.SHUT_WR), 0);
  assertEquals(read(server, target, 8), 0);
  assertEquals(carries(server, client), true);
  assertEquals(write(client, source, 4), -ERRNO.EPIPE);
  closeAll(server);
  assertEquals(read(client, target, 8), 0);
}

Deno.test("a socket pair carries bytes both ways and ends in 0 and EPIPE", () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair");
  assertEquals(carries(near, far), true);
  assertEquals(carries(far, near), true);
  assertEquals(shutdown(near, SHUT.SHUT_WR), 0);
  assertEquals(read(far, target, 8), 0);
  assertEquals(carries(far, near), true);
  assertEquals(write(near, source, 4), -ERRNO.EPIPE);
  closeAll(far);
  assertEquals(read(near, target, 8), 0);
  closeAll(near);
});

Deno.test("a SOCK_SEQPACKET pair keeps packets apart", () => {
  const [near, far] = pairOf(socketpair(SOCK.SOCK_SEQPACKET), "socketpair");
  assertEquals(write(near, source, 3), 3);
  assertEquals(write(near, source, 5), 5);
  assertEquals(read(far, target, 8), 3);
  assertEquals(read(far, target, 8), 5);
  closeAll(near, far);
  assertEquals(socketpair(77), -ERRNO.EINVAL);
});

Deno.test("TCP on 127.0.0.1: a free port, both directions, both ends", () => {
  const listener = check(socketTcp(), "socket", "make a test socket");
  const client = check(socketTcp(), "socket", "make a test socket");
  assertEquals(bind(listener, LOOPBACK), 0);
  assertEquals(listen(listener, 1), 0);
  const address = tcpAddressOf(listener);
  assertEquals(address.host, "127.0.0.1");
  assertGreater(address.port, 0);
  proveConnection(listener, client, address);
  assertEquals(connect(listener, address), -ERRNO.EISCONN);
  closeAll(listener, client);
});

Deno.test("TCP on ::1 tells its address too, where the machine has IPv6", () => {
  const fd = socketTcp("::1");
  const bound = fd < 0 ? fd : bind(fd, { kind: "tcp", host: "::1", port: 0 });
  if (bound === 0) assertEquals(tcpAddressOf(fd).host, "::1");
  else assertEquals([-ERRNO.EAFNOSUPPORT, -ERRNO.EADDRNOTAVAIL].includes(bound), true);
  if (fd >= 0) close(fd);
});

Deno.test("a unix socket in a folder: both directions, both ends, and its file stays", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const address = { kind: "unix", path: `${directory}/socket` } as const;
    const listener = check(socketUnix(), "socket", "make a test socket");
    const client = check(socketUnix(), "socket", "make a test socket");
    assertEquals(connect(client, address), -ERRNO.ENOENT);
    assertEquals(bind(listener, address), 0);
    assertEquals(connect(client, address), -ERRNO.ECONNREFUSED);
    assertEquals(listen(listener, 1), 0);
    assertEquals(getsockname(listener), address);
    assertEquals(getsockname(client), { kind: "unix", path: "" });
    proveConnection(listener, client, address);
    closeAll(listener, client);

    const second = check(socketUnix(), "socket", "make a test socket");
    assertEquals(bind(second, address), -ERRNO.EADDRINUSE);
    closeAll(second);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("an abstract unix name needs no file and goes with its socket", () => {
  const address = { kind: "unix", path: `\0vfio-migbench ${crypto.randomUUID()}` } as const;
  const listener = check(socketUnix(), "socket", "make a test socket");
  const client = check(socketUnix(), "socket", "make a test socket");
  assertEquals(bind(listener, address), 0);
  assertEquals(listen(listener, 1), 0);
  assertEquals(getsockname(listener), address);
  proveConnection(listener, client, address);
  closeAll(listener, client);
  const late = check(socketUnix(), "socket", "make a test socket");
  assertEquals(connect(late, address), -ERRNO.ECONNREFUSED);
  closeAll(late);
});

Deno.test("a bound port is in use, and refuses connections until it listens", () => {
  const holder = check(socketTcp(), "socket", "make a test socket");
  const other = check(socketTcp(), "socket", "make a test socket");
  assertEquals(bind(holder, LOOPBACK), 0);
  const address = tcpAddressOf(holder);
  assertEquals(bind(other, address), -ERRNO.EADDRINUSE);
  assertEquals(connect(other, address), -ERRNO.ECONNREFUSED);
  closeAll(holder, other);
});

Deno.test("what is no socket, no address or not connected is named", () => {
  const socket = check(socketTcp(), "socket", "make a test socket");
  assertEquals(shutdown(socket, SHUT.SHUT_RDWR), -ERRNO.ENOTCONN);
  assertEquals(accept(socket), -ERRNO.EINVAL);
  assertEquals(bind(socket, { kind: "tcp", host: "localhost", port: 1 }), -ERRNO.EINVAL);
  assertEquals(
    bind(socket, { kind: "unix", path: "x".repeat(108) }),
    -ERRNO.ENAMETOOLONG,
  );
  // 192.0.2.0/24 is kept for examples: no interface has it.
  assertEquals(
    bind(socket, { kind: "tcp", host: "192.0.2.1", port: 0 }),
    -ERRNO.EADDRNOTAVAIL,
  );
  closeAll(socket);
  assertEquals(socketTcp("localhost"), -ERRNO.EINVAL);
  assertEquals(listen(-1, 1), -ERRNO.EBADF);
  assertEquals(getsockname(-1), -ERRNO.EBADF);
});
