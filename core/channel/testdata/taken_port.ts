import { bind, check, getsockname, listen, socketTcp } from "../../libc/mod.ts";

/** Listens on a free port of the loopback; its fd is the caller's to close. */
export function takePort(): { readonly fd: number; readonly port: number } {
  const fd = check(socketTcp("127.0.0.1"), "socket", "take a port for a test");
  check(bind(fd, { kind: "tcp", host: "127.0.0.1", port: 0 }), "bind", "take a port for a test");
  check(listen(fd, 1), "listen", "take a port for a test");
  const address = getsockname(fd);
  if (typeof address === "number" || address.kind !== "tcp") {
    throw new TypeError(`Cannot take a port for a test: received ${address}`);
  }
  return { fd, port: address.port };
}
