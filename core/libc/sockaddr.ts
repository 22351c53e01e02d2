import { fromCString, toCString } from "./c_string.ts";
import { ERRNO } from "./errno.ts";
import { setupLibc } from "./library.ts";

/** A unix socket's address. */
export interface UnixAddress {
  readonly kind: "unix";
  /**
   * A file's path of at most 107 bytes, or a name of at most 107 bytes behind a NUL ("\0name"), which
   * lives in no directory and vanishes with its socket. Empty only as the answer for an unbound one.
   */
  readonly path: string;
}

/** A TCP address. */
export interface TcpAddress {
  readonly kind: "tcp";
  /** An IPv4 or IPv6 address written out, such as `"127.0.0.1"` or `"::1"`. Names are not looked up. */
  readonly host: string;
  /** 0 to 65535. Bound to 0, a socket gets a free one; `getsockname` says which. */
  readonly port: number;
}

/** Where a socket is. */
export type SocketAddress = UnixAddress | TcpAddress;

/** Address families. */
export const AF = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 } as const;

/** Room for any address here: struct sockaddr_un is the longest. */
export const SOCKADDR_SIZE = 110;

const UNIX_PATH_SIZE = 108;
const HOST_TEXT_SIZE = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The bytes of a `struct sockaddr` for the kernel, as long as its `addrlen`.
 *
 * ```text
 *   0        2        4                8              24         28
 *   | family | port   | IPv4           | zeros ...16                  sockaddr_in
 *   | family | port   | flow info      | IPv6         | scope   |     sockaddr_in6
 *   | family | path, or NUL and name ... at most 108 bytes            sockaddr_un
 *     host     big
 *     endian   endian
 * ```
 *
 * @returns The bytes; -ENAMETOOLONG for a path that does not fit; -EINVAL for a host that is no literal
 * address, a port out of range, an empty path or one with a NUL inside.
 */
export function encodeAddress(address: SocketAddress): Uint8Array<ArrayBuffer> | number {
  return address.kind === "unix" ? encodeUnix(address.path) : encodeTcp(address);
}

function encodeUnix(path: string): Uint8Array<ArrayBuffer> | number {
  if (path === "" || path === "\0" || path.includes("\0", 1)) return -ERRNO.EINVAL;
  // A file's path ends with a NUL. A name in the abstract space ends where the length says.
  const name = encoder.encode(path[0] === "\0" ? path : path + "\0");
  if (name.length > UNIX_PATH_SIZE) return -ERRNO.ENAMETOOLONG;
  const bytes = new Uint8Array(2 + name.length);
  new DataView(bytes.buffer).setUint16(0, AF.AF_UNIX, true);
  bytes.set(name, 2);
  return bytes;
}

function encodeTcp({ host, port }: TcpAddress): Uint8Array<ArrayBuffer> | number {
  const family = familyOf(host);
  if (family < 0) return family;
  if (!Number.isInteger(port) || port < 0 || port > 65535) return -ERRNO.EINVAL;
  const v4 = family === AF.AF_INET;
  const bytes = new Uint8Array(v4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, port);
  parseHost(family, host, v4 ? bytes.subarray(4, 8) : bytes.subarray(8, 24));
  return bytes;
}

/** AF_INET or AF_INET6 as a literal address is written, or -EINVAL for any other text. */
export function familyOf(host: string): number {
  const scratch = new Uint8Array(16);
  if (parseHost(AF.AF_INET, host, scratch)) return AF.AF_INET;
  return parseHost(AF.AF_INET6, host, scratch) ? AF.AF_INET6 : -ERRNO.EINVAL;
}

function parseHost(family: number, host: string, into: Uint8Array<ArrayBuffer>): boolean {
  const text = toCString(host);
  return text !== null && setupLibc().inet_pton(family, text, into) === 1;
}

/**
 * The address in a `struct sockaddr` that the kernel filled.
 *
 * @param bytes As long as the `addrlen` it gave.
 * @returns The address, or -EAFNOSUPPORT for another family.
 */
export function decodeAddress(bytes: Uint8Array<ArrayBuffer>): SocketAddress | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, true);
  switch (family) {
    case AF.AF_UNIX: {
      const path = bytes.subarray(2);
      return { kind: "unix", path: path[0] === 0 ? decoder.decode(path) : fromCString(path) };
    }
    case AF.AF_INET:
    case AF.AF_INET6: {
      const address = family === AF.AF_INET ? bytes.subarray(4, 8) : bytes.subarray(8, 24);
      const text = new Uint8Array(HOST_TEXT_SIZE);
      setupLibc().inet_ntop(family, address, text, HOST_TEXT_SIZE);
      return { kind: "tcp", host: fromCString(text), port: view.getUint16(2) };
    }
    default:
      return -ERRNO.EAFNOSUPPORT;
  }
}
