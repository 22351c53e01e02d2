/**
 * The C library: the only place with FFI. Linux on x86-64 and arm64.
 *
 * Functions named after a system call follow the kernel's convention: they return a number >= 0, or a
 * negative errno, and do not throw. The library is loaded at the first call, once per thread, and that
 * call alone can throw (`UnsupportedPlatformError`, or `Deno.errors.NotCapable` without
 * `--allow-ffi`). Importing loads nothing. Every fd made here is closed on exec.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { check, close, memfdCreate, pointerOf, read } from "./mod.ts";
 *
 * const buffer = new SharedArrayBuffer(65536);
 * const pointer = pointerOf(buffer);
 * const fd = check(memfdCreate("state"), "memfd_create", "make a file in memory");
 * assertEquals(read(fd, pointer, buffer.byteLength), 0); // empty
 * close(fd);
 * ```
 *
 * @module
 */
export { libcSupport, libcSupportFor, UnsupportedPlatformError } from "./support.ts";
export { ERRNO, type ErrnoName, errnoName } from "./errno.ts";
export { errnoMessage } from "./errno_message.ts";
export { check, SystemCallError } from "./system_call_error.ts";
export { addressOf, pageStart, pointerOf } from "./pointer.ts";
export { type Region, regionOf } from "./region.ts";
export {
  close,
  dup,
  FALLOC,
  fallocate,
  ftruncate,
  lseek,
  OPEN,
  open,
  pipe,
  rename,
  SEEK,
  setNonBlocking,
  unlink,
} from "./file.ts";
export { pread, pwrite, read, readv, write, writev } from "./transfer.ts";
export { createIovecs, IOV_MAX, type Iovecs, setIovec } from "./iovec.ts";
export { memfdCreate } from "./memfd.ts";
export { flipBit, giveBack, memcmp, sameBytes } from "./memory.ts";
export { monotonicNs } from "./monotonic.ts";
export { ioctl, ioctlNumber } from "./ioctl.ts";
export {
  createPollTable,
  POLL,
  poll,
  pollMany,
  type PollTable,
  reventsOf,
  setPollFd,
} from "./poll.ts";
export { pollAsync } from "./poll_async.ts";
export type { SocketAddress, TcpAddress, UnixAddress } from "./sockaddr.ts";
export {
  accept,
  bind,
  connect,
  getsockname,
  listen,
  SHUT,
  shutdown,
  SOCK,
  socketpair,
  socketTcp,
  socketUnix,
} from "./socket.ts";
export { setBufferSizes, setNoDelay, setReuseAddr } from "./socket_options.ts";
export { acceptTimeout, connectTimeout } from "./socket_timeout.ts";
export { ACCESS, access } from "./access.ts";
export { readDirectory } from "./read_directory.ts";
export { readLink } from "./read_link.ts";
export { readText } from "./read_text.ts";
export { countOpenFds } from "./open_fds.ts";
export { createFdLedger, type FdLedger, fdsOf, keepFdLedger, noteFd } from "./fd_ledger.ts";
