import { orErrno, setupLibc } from "./library.ts";

const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDTIMEO = 21;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;

function setInt(fd: number, level: number, option: number, value: number): number {
  return orErrno(setupLibc().setsockopt(fd, level, option, Int32Array.of(value), 4));
}

/**
 * Lets a port be bound while old connections of it linger (SO_REUSEADDR).
 *
 * @returns 0, or a negative errno.
 */
export function setReuseAddr(fd: number, on = true): number {
  return setInt(fd, SOL_SOCKET, SO_REUSEADDR, on ? 1 : 0);
}

/**
 * Sends small packets at once instead of gathering them (TCP_NODELAY).
 *
 * @returns 0, or a negative errno.
 */
export function setNoDelay(fd: number, on = true): number {
  return setInt(fd, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

/**
 * Sets the kernel's buffers for a socket (SO_SNDBUF, SO_RCVBUF). Linux doubles what is asked and caps
 * it at its own limits (net.core.wmem_max and rmem_max).
 *
 * @param sendBytes 0 leaves the send buffer alone.
 * @param receiveBytes 0 leaves the receive buffer alone.
 * @returns 0, or a negative errno.
 */
export function setBufferSizes(fd: number, sendBytes: number, receiveBytes: number): number {
  const sent = sendBytes === 0 ? 0 : setInt(fd, SOL_SOCKET, SO_SNDBUF, sendBytes);
  if (sent < 0 || receiveBytes === 0) return sent;
  return setInt(fd, SOL_SOCKET, SO_RCVBUF, receiveBytes);
}

/**
 * Bounds how long a connect or a write on a socket may hold its thread (SO_SNDTIMEO).
 *
 * @param timeoutMs Finite and above 0, or 0 for no bound.
 * @returns 0, or a negative errno.
 */
export function setSendTimeout(fd: number, timeoutMs: number): number {
  // struct timeval { i64 tv_sec; i64 tv_usec; }
  const microseconds = Math.ceil(timeoutMs * 1000);
  const timeval = BigInt64Array.of(
    BigInt(Math.floor(microseconds / 1e6)),
    BigInt(microseconds % 1e6),
  );
  return orErrno(setupLibc().setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, timeval, 16));
}
