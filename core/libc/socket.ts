import { noteFd } from "./fd_ledger.ts";
import { orErrno, setupLibc } from "./library.ts";
import { AF, decodeAddress, encodeAddress, familyOf, SOCKADDR_SIZE } from "./sockaddr.ts";
import type { SocketAddress } from "./sockaddr.ts";

/** Socket types. */
export const SOCK = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 } as const;

/** Which side {@linkcode shutdown} ends. */
export const SHUT = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;

const SOCK_CLOEXEC = 0o2000000;

/**
 * Two connected unix sockets.
 *
 * @param type One of {@linkcode SOCK}.
 * @returns Both fds, or a negative errno.
 */
export function socketpair(type: number): [fd: number, peer: number] | number {
  const fds = new Int32Array(2);
  const result = orErrno(setupLibc().socketpair(AF.AF_UNIX, type | SOCK_CLOEXEC, 0, fds));
  return result < 0 ? result : [noteFd(fds[0] ?? -1), noteFd(fds[1] ?? -1)];
}

/**
 * An unbound unix stream socket.
 *
 * @returns The fd, or a negative errno.
 */
export function socketUnix(): number {
  return noteFd(orErrno(setupLibc().socket(AF.AF_UNIX, SOCK.SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

/**
 * An unbound TCP socket of the family that an address needs.
 *
 * @param host The literal IPv4 or IPv6 address to be bound or connected to.
 * @returns The fd, or a negative errno (-EINVAL when `host` is no literal address).
 */
export function socketTcp(host = "127.0.0.1"): number {
  const family = familyOf(host);
  if (family < 0) return family;
  return noteFd(orErrno(setupLibc().socket(family, SOCK.SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

/**
 * Gives a socket its address. A unix path must not exist yet, and its file outlives the socket.
 *
 * @returns 0, or a negative errno.
 */
export function bind(fd: number, address: SocketAddress): number {
  const bytes = encodeAddress(address);
  return typeof bytes === "number" ? bytes : orErrno(setupLibc().bind(fd, bytes, bytes.length));
}

/**
 * Lets a bound socket be connected to.
 *
 * @param backlog Connections that may wait for {@linkcode accept}.
 * @returns 0, or a negative errno.
 */
export function listen(fd: number, backlog: number): number {
  return orErrno(setupLibc().listen(fd, backlog));
}

/**
 * Waits for a connection, for ever. The thread is held meanwhile, and a Worker held so cannot be
 * terminated: `acceptTimeout` comes back.
 *
 * @returns The connection's fd, or a negative errno.
 */
export function accept(fd: number): number {
  return noteFd(orErrno(setupLibc().accept4(fd, null, null, SOCK_CLOEXEC)));
}

/**
 * Connects to a listening socket, as long as the kernel takes.
 *
 * @returns 0, or a negative errno.
 */
export function connect(fd: number, address: SocketAddress): number {
  const bytes = encodeAddress(address);
  return typeof bytes === "number" ? bytes : orErrno(setupLibc().connect(fd, bytes, bytes.length));
}

/**
 * Ends one direction of a connection or both. The peer then reads 0, and a thread held in a read of
 * this socket comes back.
 *
 * @param how One of {@linkcode SHUT}.
 * @returns 0, or a negative errno.
 */
export function shutdown(fd: number, how: number): number {
  return orErrno(setupLibc().shutdown(fd, how));
}

/**
 * The address that a socket is bound to.
 *
 * @returns The address, or a negative errno.
 */
export function getsockname(fd: number): SocketAddress | number {
  const bytes = new Uint8Array(SOCKADDR_SIZE);
  const length = Uint32Array.of(SOCKADDR_SIZE);
  const result = orErrno(setupLibc().getsockname(fd, bytes, length));
  return result < 0 ? result : decodeAddress(bytes.subarray(0, length[0]));
}
