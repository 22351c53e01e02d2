import { ERRNO } from "./errno.ts";
import { monotonicNs } from "./monotonic.ts";
import { POLL, poll } from "./poll.ts";
import { accept, connect } from "./socket.ts";
import type { SocketAddress } from "./sockaddr.ts";
import { setSendTimeout } from "./socket_options.ts";

const NS_PER_MS = 1e6;

// poll(2) takes an int. Nobody waits 24 days.
const MAX_TIMEOUT_MS = 0x7fffffff;

/**
 * Waits for a connection, for a while. A signal in between does not cut the wait short.
 *
 * @param timeoutMs In milliseconds, >= 0; 0 only looks.
 * @returns The connection's fd, or a negative errno (-ETIMEDOUT when none came).
 */
export function acceptTimeout(fd: number, timeoutMs: number): number {
  const deadline = deadlineAfter(timeoutMs);
  for (;;) {
    const ready = poll(fd, POLL.POLLIN, remainingMs(deadline));
    // An fd that cannot listen is "ready" too: accept then says what is wrong with it.
    if (ready > 0) return accept(fd);
    if (ready === 0) return -ERRNO.ETIMEDOUT;
    if (ready !== -ERRNO.EINTR) return ready;
  }
}

/**
 * Connects to a listening socket, or gives up after a while. A signal in between does not cut the wait
 * short. After a failure the socket is in between: close it and start with another.
 *
 * @param fd A blocking socket (one that is not would give up at once).
 * @param timeoutMs In milliseconds, above 0.
 * @returns 0, or a negative errno (-ETIMEDOUT when nobody answered or accepted).
 */
export function connectTimeout(fd: number, address: SocketAddress, timeoutMs: number): number {
  const deadline = deadlineAfter(timeoutMs);
  for (;;) {
    // The kernel's own bound and not a non-blocking connect with poll: a unix socket whose backlog is
    // full refuses a non-blocking connect at once instead of waiting for room.
    const bounded = setSendTimeout(fd, Math.max(remainingMs(deadline), 1));
    if (bounded < 0) return bounded;
    const result = connect(fd, address);
    if (result === -ERRNO.EINTR) continue;
    setSendTimeout(fd, 0);
    return timedOut(result) ? -ERRNO.ETIMEDOUT : result;
  }
}

/** How connect(2) says that SO_SNDTIMEO ran out: unix, TCP, and TCP again after a signal. */
function timedOut(result: number): boolean {
  return result === -ERRNO.EAGAIN || result === -ERRNO.EINPROGRESS || result === -ERRNO.EALREADY;
}

function deadlineAfter(timeoutMs: number): number {
  return monotonicNs() + Math.min(timeoutMs, MAX_TIMEOUT_MS) * NS_PER_MS;
}

function remainingMs(deadlineNs: number): number {
  return Math.max(Math.ceil((deadlineNs - monotonicNs()) / NS_PER_MS), 0);
}
