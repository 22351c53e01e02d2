import {
  accept,
  bind,
  check,
  close,
  connectTimeout,
  ERRNO,
  getsockname,
  listen,
  POLL,
  pollAsync,
  setNonBlocking,
  setReuseAddr,
  SHUT,
  shutdown,
  type SocketAddress,
  socketTcp,
  socketUnix,
  SystemCallError,
} from "../../core/libc/mod.ts";
import { UsageError } from "../usage_error.ts";
import { addressText } from "./address.ts";

/** A socket that others can connect to. */
export interface ListeningSocket {
  readonly fd: number;
  /** Where it is: with the port that port 0 became. */
  readonly address: SocketAddress;
  /** A unix socket's file, by what nobody else's has; null elsewhere. */
  readonly file: { readonly dev: number; readonly ino: number | null } | null;
}

const BACKLOG = 64;
/** How long a listener that is there may take to be found. */
const PROBE_MS = 1_000;
/** How long a wait for a connection lasts, after which it is asked whether to go on. */
const SLICE_MS = 500;
/** How long nobody is accepted when there are no fds left. */
const PAUSE_MS = 100;

/**
 * Listens. A unix socket can be used by its owner alone, from its first moment on; the file of a listener that is
 * dead is replaced.
 *
 * @throws {UsageError} where another listener is there, or a file that is no socket
 * @throws {SystemCallError} where the system does not let it
 */
export function listenAt(address: SocketAddress): ListeningSocket {
  const name = addressText(address);
  const what = `listen on ${name}`;
  const fd = check(
    address.kind === "unix" ? socketUnix() : socketTcp(address.host),
    "socket",
    what,
  );
  try {
    if (address.kind === "tcp") setReuseAddr(fd);
    bindOrReplace(fd, address, what);
    // Nobody can connect before `listen`: there is no moment at which others could.
    const file = address.kind === "unix" ? ownFile(address.path) : null;
    check(listen(fd, BACKLOG), "listen", what);
    check(setNonBlocking(fd, true), "fcntl", what);
    const bound = getsockname(fd);
    return { fd, address: typeof bound === "number" ? address : bound, file };
  } catch (error) {
    close(fd);
    throw error;
  }
}

function bindOrReplace(fd: number, address: SocketAddress, what: string): void {
  const bound = bind(fd, address);
  if (bound >= 0) return;
  if (bound !== -ERRNO.EADDRINUSE) throw new SystemCallError("bind", bound, what);
  const name = addressText(address);
  if (address.kind === "tcp") {
    throw new UsageError(`Cannot listen on ${name}: it is in use, take another port`);
  }
  const { isSocket } = Deno.lstatSync(address.path);
  if (isSocket !== true) {
    throw new UsageError(`Cannot listen on ${name}: there is a file that is no socket`);
  }
  if (isAnswered(address)) {
    throw new UsageError(`Cannot listen on ${name}: it is in use, another process listens there`);
  }
  Deno.removeSync(address.path);
  check(bind(fd, address), "bind", what);
}

/** Whether somebody listens there. */
function isAnswered(address: SocketAddress): boolean {
  const fd = check(socketUnix(), "socket", `see who listens on ${addressText(address)}`);
  try {
    // A backlog that is full is somebody's too.
    return connectTimeout(fd, address, PROBE_MS) !== -ERRNO.ECONNREFUSED;
  } finally {
    close(fd);
  }
}

function ownFile(path: string): ListeningSocket["file"] {
  Deno.chmodSync(path, 0o600);
  const { dev, ino } = Deno.lstatSync(path);
  return { dev, ino };
}

/** Whoever waits for a connection comes back; `acceptAll` then closes the socket. */
export function stopListening({ fd }: ListeningSocket): void {
  shutdown(fd, SHUT.SHUT_RDWR);
}

/**
 * Accepts connections until it is told to stop, then closes the socket and removes its file.
 *
 * @param take What becomes of a connection's fd
 * @param isOver Whether to stop
 */
export async function acceptAll(
  listening: ListeningSocket,
  take: (fd: number) => void,
  isOver: () => boolean,
): Promise<void> {
  try {
    while (!isOver()) {
      await pollAsync(listening.fd, POLL.POLLIN, SLICE_MS);
      // As many as there are: a wait for each would let others pile up.
      for (let n = 0; n < BACKLOG && !isOver(); n++) {
        const fd = accept(listening.fd);
        if (fd >= 0) take(fd);
        else if (fd === -ERRNO.EMFILE || fd === -ERRNO.ENFILE) {
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          break;
        } else if (fd !== -ERRNO.ECONNABORTED && fd !== -ERRNO.EINTR) break;
      }
    }
  } finally {
    close(listening.fd);
    removeOwnFile(listening);
  }
}

/** Another listener may have replaced the file of one that seemed dead: that one's stays. */
function removeOwnFile({ address, file }: ListeningSocket): void {
  if (address.kind !== "unix" || file === null) return;
  try {
    const { dev, ino } = Deno.lstatSync(address.path);
    if (dev === file.dev && ino === file.ino) Deno.removeSync(address.path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
