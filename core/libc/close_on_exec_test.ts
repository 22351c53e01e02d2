import { assertEquals } from "@std/assert";
import { close, dup, OPEN, open, pipe } from "./file.ts";
import { memfdCreate } from "./memfd.ts";
import {
  accept,
  bind,
  connect,
  listen,
  SOCK,
  socketpair,
  socketTcp,
  socketUnix,
} from "./socket.ts";
import { check } from "./system_call_error.ts";
import { flagsOf } from "./testdata/fd_flags.ts";
import { pairOf } from "./testdata/pair.ts";

Deno.test("every fd made here is closed on exec, so no child process holds a device open", () => {
  const address = { kind: "unix", path: `\0vfio-migbench ${crypto.randomUUID()}` } as const;
  const listener = check(socketUnix(), "socket", "make a test socket");
  const client = check(socketUnix(), "socket", "make a test socket");
  check(bind(listener, address), "bind", "bind a test socket");
  check(listen(listener, 1), "listen", "listen on a test socket");
  check(connect(client, address), "connect", "connect a test socket");
  const memory = check(memfdCreate("exec"), "memfd_create", "make a test file");
  const fds = {
    listener,
    client,
    accepted: check(accept(listener), "accept4", "accept a test connection"),
    tcp: check(socketTcp(), "socket", "make a test socket"),
    memory,
    copy: check(dup(memory), "fcntl", "copy an fd"),
    file: check(open("/dev/null", OPEN.O_RDONLY), "open", "open /dev/null"),
    pipe: pairOf(pipe(), "pipe2"),
    pair: pairOf(socketpair(SOCK.SOCK_STREAM), "socketpair"),
  };
  const inherited = [];
  for (const [name, value] of Object.entries(fds)) {
    for (const fd of [value].flat()) {
      if ((flagsOf(fd) & OPEN.O_CLOEXEC) === 0) inherited.push(name);
      close(fd);
    }
  }
  assertEquals(inherited, []);
});
