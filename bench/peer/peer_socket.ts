/**
 * A connection to a peer, used from the main thread: nothing here blocks it, every wait has a deadline, and what
 * may be read is bounded by whoever asks.
 *
 * ```text
 *     read(2), non-blocking --> EAGAIN --> poll(2) in a thread of the pool --> read(2) ...
 * ```
 *
 * The data path of a migration needs the fd itself, which no `Deno.Conn` gives; so control goes over fds of
 * `core/libc` too, and `--allow-net` is not needed.
 *
 * @module
 */
import {
  close,
  ERRNO,
  errnoName,
  pointerOf,
  POLL,
  pollAsync,
  read,
  type Region,
  regionOf,
  setNonBlocking,
  SHUT,
  shutdown,
  write,
} from "../../core/libc/mod.ts";
import { PeerError } from "./peer_error.ts";

/** A connected socket. What was read of it and is not taken yet lies in the chunk, from `start` to `end`. */
export interface PeerSocket {
  readonly fd: number;
  /** Who is at the other end, for messages. */
  readonly name: string;
  readonly chunk: Region;
  start: number;
  end: number;
  /** Waits that are under way: the fd stays open for them. */
  waits: number;
  /** It is not to be used any more. */
  isEnded: boolean;
}

const CHUNK_SIZE = 16 * 1024;

/** Takes a connected fd over: it is closed with the socket, unless it is handed on. */
export function createPeerSocket(fd: number, name: string): PeerSocket {
  setNonBlocking(fd, true);
  const chunk = regionOf(new ArrayBuffer(CHUNK_SIZE));
  return { fd, name, chunk, start: 0, end: 0, waits: 0, isEnded: false };
}

/** Ends the connection: whoever waits for it comes back with a `PeerError`. Again does nothing. */
export function endPeerSocket(socket: PeerSocket): void {
  if (socket.isEnded) return;
  socket.isEnded = true;
  shutdown(socket.fd, SHUT.SHUT_RDWR);
  // A number that is closed under a wait would soon be somebody else's.
  if (socket.waits === 0) close(socket.fd);
}

/**
 * Gives the fd away, blocking as it was, and is of no use any more.
 *
 * @throws {PeerError} where bytes were read that belong to whoever gets it, or somebody waits
 */
export function handOn(socket: PeerSocket): number {
  if (socket.isEnded) throw gone(socket);
  if (socket.start !== socket.end || socket.waits > 0) {
    throw new PeerError("garbage", `${socket.name} sent more than it was to`);
  }
  socket.isEnded = true;
  setNonBlocking(socket.fd, false);
  return socket.fd;
}

/**
 * Reads exactly so many bytes, and none beyond them.
 *
 * @param until_ms A moment of `performance.now()`
 * @throws {PeerError} where they do not come, or not in time
 */
export async function readExact(
  socket: PeerSocket,
  length: number,
  until_ms: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let done = Math.min(socket.end - socket.start, length);
  bytes.set(socket.chunk.bytes.subarray(socket.start, socket.start + done));
  socket.start += done;
  while (done < length) {
    // Into the chunk, which is there for as long as the socket, and no more than is wanted.
    const n = await readSome(socket, Math.min(length - done, CHUNK_SIZE), until_ms);
    bytes.set(socket.chunk.bytes.subarray(0, n), done);
    done += n;
    socket.start = socket.end;
  }
  return bytes;
}

/**
 * Reads on into the empty chunk.
 *
 * @param most In bytes
 * @returns How many came, at least one
 * @throws {PeerError} where none do
 */
export async function readSome(
  socket: PeerSocket,
  most: number,
  until_ms: number,
): Promise<number> {
  for (;;) {
    if (socket.isEnded) throw gone(socket);
    const n = read(socket.fd, socket.chunk.pointer, Math.min(most, CHUNK_SIZE));
    if (n > 0) {
      socket.start = 0;
      socket.end = n;
      return n;
    }
    if (n === 0) throw gone(socket);
    if (n === -ERRNO.EAGAIN) await waitFor(socket, POLL.POLLIN, until_ms);
    else if (n !== -ERRNO.EINTR) throw gone(socket, n);
  }
}

/** Writes all of it. @throws {PeerError} where the peer does not take it, or not in time */
export async function writeAll(
  socket: PeerSocket,
  bytes: Uint8Array<ArrayBuffer>,
  until_ms: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    if (socket.isEnded) throw gone(socket);
    const pointer = pointerOf(bytes.buffer, bytes.byteOffset + done);
    const n = write(socket.fd, pointer, bytes.length - done);
    if (n > 0) done += n;
    else if (n === -ERRNO.EAGAIN) await waitFor(socket, POLL.POLLOUT, until_ms);
    else if (n !== -ERRNO.EINTR) throw gone(socket, n);
  }
}

async function waitFor(socket: PeerSocket, events: number, until_ms: number): Promise<void> {
  const left_ms = Math.ceil(until_ms - performance.now());
  if (left_ms <= 0) throw new PeerError("late", `${socket.name} did not answer in time`);
  socket.waits++;
  try {
    await pollAsync(socket.fd, events, Math.min(left_ms, 0x7fffffff));
  } finally {
    if (--socket.waits === 0 && socket.isEnded) close(socket.fd);
  }
}

function gone({ name }: PeerSocket, result = 0): PeerError {
  const why = result < 0 ? ` (${errnoName(result)})` : "";
  return new PeerError("gone", `${name} is gone: the connection to it ended${why}`);
}
