import {
  acceptTimeout,
  bind,
  check,
  close,
  connectTimeout,
  getsockname,
  listen,
  OPEN,
  open,
  setBufferSizes,
  setNoDelay,
  setReuseAddr,
  SHUT,
  shutdown,
  SOCK,
  type SocketAddress,
  socketpair,
  socketTcp,
  SystemCallError,
} from "../libc/mod.ts";
import type { ChannelStrikes } from "../fault/mod.ts";
import { attachRing, failRing } from "../memory/mod.ts";
import { createFaultyRingSender } from "./faulty_ring_sender.ts";
import type { Receiver, Sender } from "./message.ts";
import { createRingReceiver, createRingSender, type RingEnds } from "./ring_channel.ts";
import type { StreamOptions } from "./stream_encoder.ts";
import { keepRing, takeRing } from "./ring_stock.ts";
import { receiverOfStream, senderOfStream } from "./stream_end.ts";

export type ChannelKind = "ring" | "unix" | "tcp" | "file";

export interface ChannelOptions {
  readonly kind: ChannelKind;
  /** The most that one read of a device gives. */
  readonly bufferSize: number;
  /** Slots of the ring; 0 = as many as make about 8 MiB (facts: larger rings fall out of the cache). */
  readonly ringSlots: number;
  /** Where a tcp channel listens on the loopback; 0 = any free port. */
  readonly port: number;
  /** Where a file channel writes. */
  readonly path: string;
}

/** One end of an open channel, as plain data that can be handed to a Worker. */
export type ChannelEnd =
  | {
    readonly kind: "ring";
    readonly ends: RingEnds;
    /** What is to go wrong, at the source's end; nothing unless given. */
    readonly faults?: ChannelStrikes;
  }
  | {
    readonly kind: "stream";
    readonly fd: number;
    readonly isSocket: boolean;
    readonly bufferSize: number;
    /** Of a file: one word, not 0 once the channel is broken. A socket is shut down instead. */
    readonly broken?: Int32Array<SharedArrayBuffer>;
    /** What is to go wrong, at the source's end; nothing unless given. */
    readonly faults?: ChannelStrikes;
  };

/** Both ends. The file channel's destination end reads from the file's start. */
export interface OpenChannel {
  readonly source: ChannelEnd;
  readonly destination: ChannelEnd;
}

const LOOPBACK = "127.0.0.1";
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A writer that found the queue full is woken when a quarter of it is left. Of the kernel's 208 KiB that is every 160 KiB,
 * and each time the reader may run dry before the writer is back: a fifth as many waits, for the same processor time.
 */
const UNIX_SEND_BYTES = 512 * 1024;
const RING_BYTES = 8 * 1024 * 1024;
const MIN_RING_SLOTS = 4;
const MAX_RING_SLOTS = 1024;

/** Opens a channel within this process; throws `SystemCallError` with nothing left open. */
export function openChannel(options: ChannelOptions): OpenChannel {
  switch (options.kind) {
    case "ring": {
      const ends = takeRing(
        options.ringSlots || ringSlotsFor(options.bufferSize),
        options.bufferSize,
      );
      return { source: { kind: "ring", ends }, destination: { kind: "ring", ends } };
    }
    case "file":
      return openFile(options);
    case "unix":
      return openUnix(options.bufferSize);
    case "tcp":
      return openTcp(options.port, options.bufferSize);
  }
}

/** Breaks the channel, so that whoever waits on it comes back with a negative errno. */
export function breakChannel(channel: OpenChannel, errno: number): void {
  const { source, destination } = channel;
  if (source.kind === "ring") {
    failRing(attachRing(source.ends.data), errno);
    failRing(attachRing(source.ends.replies), errno);
    return;
  }
  shutdown(source.fd, SHUT.SHUT_RDWR);
  if (destination.kind === "stream") shutdown(destination.fd, SHUT.SHUT_RDWR);
  if (source.broken === undefined) return;
  Atomics.compareExchange(source.broken, 0, 0, errno);
  Atomics.notify(source.broken, 0);
}

/** The same channel, to which a plan's faults happen on its way from the source. */
export function withFaults(channel: OpenChannel, faults: ChannelStrikes | null): OpenChannel {
  return faults === null ? channel : { ...channel, source: { ...channel.source, faults } };
}

/** Closes both ends. No Worker may be using them any more. */
export function closeChannel(channel: OpenChannel): void {
  const { source } = channel;
  if (source.kind === "ring") keepRing(source.ends);
  for (const end of [channel.source, channel.destination]) {
    if (end.kind === "stream") close(end.fd);
  }
}

/**
 * The source's end. A ring has no use for the options.
 *
 * @throws {RangeError} If a device's id cannot stand in a stream
 */
export function createSender(end: ChannelEnd, options: StreamOptions = {}): Sender {
  if (end.kind === "stream") return senderOfStream(end, options);
  const { ends, faults } = end;
  return faults === undefined ? createRingSender(ends) : createFaultyRingSender(ends, faults);
}

export function createReceiver(end: ChannelEnd): Receiver {
  return end.kind === "ring" ? createRingReceiver(end.ends) : receiverOfStream(end);
}

/** Slots of a ring that is to be about 8 MiB: a power of two. */
export function ringSlotsFor(bufferSize: number): number {
  const slots = 2 ** Math.floor(Math.log2(RING_BYTES / bufferSize));
  return Math.min(MAX_RING_SLOTS, Math.max(MIN_RING_SLOTS, slots));
}

function openFile({ path, bufferSize }: ChannelOptions): OpenChannel {
  const flags = OPEN.O_WRONLY | OPEN.O_CREAT | OPEN.O_TRUNC | OPEN.O_CLOEXEC;
  const writing = check(open(path, flags, 0o600), "open", `write a stream to ${path}`);
  const reading = open(path, OPEN.O_RDONLY | OPEN.O_CLOEXEC, 0);
  if (reading < 0) {
    close(writing);
    check(reading, "open", `read a stream from ${path}`);
  }
  const broken = new Int32Array(new SharedArrayBuffer(4));
  return {
    source: { kind: "stream", fd: writing, isSocket: false, bufferSize, broken },
    destination: { kind: "stream", fd: reading, isSocket: false, bufferSize },
  };
}

/** A pair needs no name, so that nothing is left behind and nobody else can connect. */
function openUnix(bufferSize: number): OpenChannel {
  const pair = socketpair(SOCK.SOCK_STREAM);
  if (typeof pair === "number") {
    throw new SystemCallError("socketpair", pair, "open a unix socket pair");
  }
  // A kernel that takes less is no reason to go without.
  setBufferSizes(pair[0], UNIX_SEND_BYTES, 0);
  return socketEnds(pair[0], pair[1], bufferSize);
}

function openTcp(port: number, bufferSize: number): OpenChannel {
  const name = `${LOOPBACK}:${port}`;
  const fds: number[] = [];
  const own = (result: number, call: string, what: string): number => {
    fds.push(check(result, call, what));
    return result;
  };
  try {
    const listening = own(socketTcp(LOOPBACK), "socket", `open ${name}`);
    setReuseAddr(listening, true);
    const address: SocketAddress = { kind: "tcp", host: LOOPBACK, port };
    check(bind(listening, address), "bind", `listen on ${name}`);
    check(listen(listening, 1), "listen", `listen on ${name}`);
    const bound = getsockname(listening);
    const target = typeof bound === "number" ? address : bound;
    const source = own(socketTcp(LOOPBACK), "socket", `open ${name}`);
    check(connectTimeout(source, target, CONNECT_TIMEOUT_MS), "connect", `connect to ${name}`);
    const destination = own(
      acceptTimeout(listening, CONNECT_TIMEOUT_MS),
      "accept",
      `accept on ${name}`,
    );
    setNoDelay(source, true);
    setNoDelay(destination, true);
    fds.splice(fds.indexOf(listening), 1);
    close(listening);
    return socketEnds(source, destination, bufferSize);
  } catch (error) {
    for (const fd of fds) close(fd);
    throw error;
  }
}

function socketEnds(source: number, destination: number, bufferSize: number): OpenChannel {
  return {
    source: { kind: "stream", fd: source, isSocket: true, bufferSize },
    destination: { kind: "stream", fd: destination, isSocket: true, bufferSize },
  };
}
