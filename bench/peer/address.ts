import type { SocketAddress, TcpAddress } from "../../core/libc/mod.ts";
import { UsageError } from "../usage_error.ts";

const LOOPBACK = "127.0.0.1";
/** What fits into a sockaddr_un beside its NUL. */
const MAX_PATH_BYTES = 107;

/**
 * Reads where a peer is: `unix:/path`, `tcp:HOST:PORT`, `tcp:[IPV6]:PORT` or `tcp:PORT`, which is of the loopback.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readAddress } from "./address.ts";
 *
 * assertEquals(readAddress("--listen", "tcp:7000"), { kind: "tcp", host: "127.0.0.1", port: 7000 });
 * assertEquals(readAddress("--listen", "unix:/run/bench"), { kind: "unix", path: "/run/bench" });
 * ```
 *
 * @param flag The flag that it was given with, for the message
 * @throws {UsageError} in one line
 */
export function readAddress(flag: string, text: string): SocketAddress {
  const refuse = (why: string): never => {
    throw new UsageError(`Cannot take ${flag} ${text}: ${why}`);
  };
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (path === "") refuse("it needs a path, such as unix:/tmp/bench.sock");
    if (path.includes("\0")) refuse("a path has no NUL");
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
      refuse(`a unix socket's path has at most ${MAX_PATH_BYTES} bytes`);
    }
    return { kind: "unix", path };
  }
  const [, host, port] = /^tcp:(?:(\[[^\]]*\]|[^:]*):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined) refuse("expected unix:/path, tcp:HOST:PORT or tcp:PORT");
  if (Number(port) > 65535) refuse("a port is at most 65535");
  return { kind: "tcp", host: readHost(host, refuse), port: Number(port) };
}

function readHost(host: string | undefined, refuse: (why: string) => never): string {
  if (host === undefined || host === "localhost") return LOOPBACK;
  const literal = host.startsWith("[") ? host.slice(1, -1) : host;
  if (isIpv4(literal) || (host.startsWith("[") && isIpv6(literal))) return literal;
  return refuse(
    `${
      host === "" ? "an empty host" : host
    } is no address: names are not looked up here, give what getent hosts says of it`,
  );
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

/** Whether it looks like one; what is wrong inside, the kernel says. */
function isIpv6(text: string): boolean {
  return /^[0-9a-f:.]{2,45}$/i.test(text) && text.includes(":");
}

/** An address as it can be given again. */
export function addressText(address: SocketAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `tcp:${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Whether only processes of this machine can come to it. */
export function isOfThisMachine(address: SocketAddress): boolean {
  return address.kind === "unix" || isLoopback(address);
}

function isLoopback({ host }: TcpAddress): boolean {
  return host.startsWith("127.") || host === "::1" || host.toLowerCase().startsWith("::ffff:127.");
}
