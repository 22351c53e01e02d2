import {
  acceptTimeout,
  bind,
  check,
  close,
  connectTimeout,
  getsockname,
  listen,
  setNoDelay,
  setReuseAddr,
  SHUT,
  shutdown,
  SOCK,
  socketpair,
  socketTcp,
  SystemCallError,
} from "../libc/mod.ts";
import type { ChannelStrikes } from "../fault/mod.ts";

/** Most channels: a channel's id is a byte, and QEMU's `multifd-channels` has one too. */
export const MAX_MULTIFD_CHANNELS = 255;

const LOOPBACK = "127.0.0.1";
const CONNECT_TIMEOUT_MS = 5_000;

/** One side's ends of all channels, as plain data that a `postMessage` shares with another thread. */
export interface MultifdEnds {
  /** Connected sockets, one per channel. Which channel it is says its first packet, not its place here. */
  readonly fds: readonly number[];
  /** One word: 0, or the errno that the channels were broken with. Both sides have the same one. */
  readonly broken: Int32Array<SharedArrayBuffer>;
  /** One word, the same for both sides: how many threads use the channels. Absent: nobody counts them. */
  readonly users?: Int32Array<SharedArrayBuffer>;
  /** What is to go wrong on each, at the source's side; null or absent: nothing. */
  readonly faults?: readonly (ChannelStrikes | null)[];
}

/** The channels beside the main one, between two threads of this process. */
export interface MultifdSockets {
  readonly source: MultifdEnds;
  readonly destination: MultifdEnds;
}

/**
 * Opens channels beside the main one. A tcp listener takes any free port, and is closed again.
 *
 * @param kind `unix`: a socketpair each; `tcp`: over the loopback
 * @param count How many, 1 to {@linkcode MAX_MULTIFD_CHANNELS}
 * @throws {SystemCallError} With nothing left open
 * @throws {RangeError} For another count
 */
export function openMultifdSockets(kind: "unix" | "tcp", count: number): MultifdSockets {
  if (!Number.isInteger(count) || count < 1 || count > MAX_MULTIFD_CHANNELS) {
    throw new RangeError(
      `Cannot open multifd channels as 1 to ${MAX_MULTIFD_CHANNELS}: received ${count}`,
    );
  }
  const broken = new Int32Array(new SharedArrayBuffer(4));
  const users = new Int32Array(new SharedArrayBuffer(4));
  const source: number[] = [];
  const destination: number[] = [];
  try {
    if (kind === "unix") connectPairs(count, source, destination);
    else connectTcp(count, source, destination);
  } catch (error) {
    for (const fd of [...source, ...destination]) close(fd);
    throw error;
  }
  return {
    source: { fds: source, broken, users },
    destination: { fds: destination, broken, users },
  };
}

/** Ends one side's channels, so that whoever is blocked on one comes back, and the other side sees it too. */
export function shutdownMultifd({ fds }: MultifdEnds): void {
  for (const fd of fds) shutdown(fd, SHUT.SHUT_RDWR);
}

/**
 * Breaks all channels, for both sides. The first errno is the one that counts.
 *
 * @param sockets The channels
 * @param errno A positive errno
 */
export function breakMultifdSockets({ source, destination }: MultifdSockets, errno: number): void {
  Atomics.compareExchange(source.broken, 0, 0, errno);
  shutdownMultifd(source);
  shutdownMultifd(destination);
}

/** Closes both sides of all channels. No thread may be using them any more. */
export function closeMultifdSockets({ source, destination }: MultifdSockets): void {
  for (const fd of [...source.fds, ...destination.fds]) close(fd);
}

function connectPairs(count: number, source: number[], destination: number[]): void {
  for (let channel = 0; channel < count; channel++) {
    const pair = socketpair(SOCK.SOCK_STREAM);
    if (typeof pair === "number") {
      throw new SystemCallError("socketpair", pair, `open multifd channel ${channel}`);
    }
    source.push(pair[0]);
    destination.push(pair[1]);
  }
}

function connectTcp(count: number, source: number[], destination: number[]): void {
  const what = "listen for multifd channels";
  const listening = check(socketTcp(LOOPBACK), "socket", what);
  try {
    setReuseAddr(listening, true);
    check(bind(listening, { kind: "tcp", host: LOOPBACK, port: 0 }), "bind", what);
    check(listen(listening, 1), "listen", what);
    const target = getsockname(listening);
    if (typeof target === "number") throw new SystemCallError("getsockname", target, what);
    for (let channel = 0; channel < count; channel++) {
      const connecting = check(socketTcp(LOOPBACK), "socket", `open multifd channel ${channel}`);
      source.push(connecting);
      const connected = connectTimeout(connecting, target, CONNECT_TIMEOUT_MS);
      check(connected, "connect", `connect multifd channel ${channel}`);
      const accepted = acceptTimeout(listening, CONNECT_TIMEOUT_MS);
      destination.push(check(accepted, "accept", `accept multifd channel ${channel}`));
      setNoDelay(connecting, true);
      setNoDelay(accepted, true);
    }
  } finally {
    close(listening);
  }
}
