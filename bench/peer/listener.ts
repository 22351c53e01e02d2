/**
 * Listens for other processes that migrate to this one.
 *
 * ```text
 *     accept --> handshake (at most 16 at a time, 5 s each) --> a session: one at a time
 *                                                           \-> a data connection: to the trial whose ticket it has
 * ```
 *
 * @module
 */
import { setNoDelay, type SocketAddress } from "../../core/libc/mod.ts";
import { createControl } from "./control.ts";
import { greetConnector, PURPOSE, type Token } from "./handshake.ts";
import { acceptAll, listenAt, type ListeningSocket, stopListening } from "./listening_socket.ts";
import { LINE_LIMITS } from "./line_reader.ts";
import { type FromConnector, FromConnectorSchema, type FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import {
  createPeerSocket,
  endPeerSocket,
  handOn,
  type PeerSocket,
  readExact,
  writeAll,
} from "./peer_socket.ts";
import { type Session, type SessionEnd, type SessionHost, startSession } from "./serve_session.ts";
import { TICKET_BYTES, TICKET_TAKEN } from "./tickets.ts";
import { WAITS, type Waits } from "./waits.ts";

/** What a listener is given. */
export interface ListenerOptions extends Omit<SessionHost, "signal" | "waits"> {
  readonly address: SocketAddress;
  readonly token: Token;
  /** Whether it ends with its first session. */
  readonly once: boolean;
  /** Ends it, and what is under way. */
  readonly signal: AbortSignal;
  /** Where it is not to wait as long as usual. */
  readonly waits?: Partial<Waits>;
}

/** What came of all sessions. */
export interface ListenerTally {
  sessions: number;
  /** Sessions that did not end with the connector's `bye`. */
  broken_sessions: number;
  /** Connections that were not taken. */
  refused_connections: number;
  completed_trials: number;
  failed_trials: number;
}

/** A listener that listens. */
export interface Listener {
  readonly address: SocketAddress;
  /** Settled when it has ended and nothing of it is left. */
  readonly over: Promise<ListenerTally>;
}

/** How many connections may be in their handshake at a time; then the oldest has to go. */
const MOST_HALF_OPEN = 16;
/** How long a new session waits for the one before it, which may just be ending; and how many wait. */
const PATIENCE_MS = 2_000;
const MOST_WAITING = 4;
/** The state of a listener. */
interface Listening {
  readonly options: ListenerOptions;
  readonly waits: Waits;
  /** Aborted when it is to end. */
  readonly ended: AbortController;
  /** Connections in their handshake, the oldest first. */
  readonly halfOpen: Set<PeerSocket>;
  /** All that is under way. */
  readonly underWay: Set<Promise<void>>;
  readonly tally: ListenerTally;
  session: Session | null;
  /** Sessions that wait for that one to end. */
  waiting: number;
}

/**
 * Begins to listen.
 *
 * @throws {UsageError} or {SystemCallError} where it cannot, in one line
 */
export function startListener(options: ListenerOptions): Listener {
  const socket = listenAt(options.address);
  const listening: Listening = {
    options,
    waits: { ...WAITS, ...options.waits },
    ended: new AbortController(),
    halfOpen: new Set(),
    underWay: new Set(),
    tally: {
      sessions: 0,
      broken_sessions: 0,
      refused_connections: 0,
      completed_trials: 0,
      failed_trials: 0,
    },
    session: null,
    waiting: 0,
  };
  return { address: socket.address, over: listen(socket, listening) };
}

async function listen(socket: ListeningSocket, listening: Listening): Promise<ListenerTally> {
  const { options, ended, underWay, halfOpen } = listening;
  const onEnd = () => ended.abort();
  ended.signal.addEventListener("abort", () => {
    stopListening(socket);
    for (const one of halfOpen) endPeerSocket(one);
  });
  if (options.signal.aborted) onEnd();
  else options.signal.addEventListener("abort", onEnd);
  try {
    const isTcp = socket.address.kind === "tcp";
    await acceptAll(socket, (fd) => {
      if (isTcp) setNoDelay(fd);
      const task = receiveConnection(createPeerSocket(fd, "the connector"), listening);
      underWay.add(task);
      void task.finally(() => underWay.delete(task));
    }, () => ended.signal.aborted);
  } finally {
    options.signal.removeEventListener("abort", onEnd);
    ended.abort();
    while (underWay.size > 0) await Promise.all(underWay);
  }
  return listening.tally;
}

/** What becomes of a connection. Does not reject. */
async function receiveConnection(socket: PeerSocket, listening: Listening): Promise<void> {
  const { options, halfOpen, tally } = listening;
  makeRoom(halfOpen);
  halfOpen.add(socket);
  const until_ms = performance.now() + listening.waits.handshake_ms;
  try {
    const { purpose, id } = await greetConnector(socket, options.token, until_ms);
    if (purpose === PURPOSE.DATA) await receiveData(socket, listening, until_ms);
    else {
      halfOpen.delete(socket);
      await receiveSession(socket, id, listening);
    }
  } catch (error) {
    tally.refused_connections++;
    const why = error instanceof Error ? error.message : String(error);
    if (!listening.ended.signal.aborted) options.tell(`a connection was refused: ${why}`);
  } finally {
    halfOpen.delete(socket);
    endPeerSocket(socket);
  }
}

/** Whoever has waited longest is the least likely to mean it: a handshake takes milliseconds. */
function makeRoom(halfOpen: Set<PeerSocket>): void {
  for (const oldest of halfOpen) {
    if (halfOpen.size < MOST_HALF_OPEN) return;
    halfOpen.delete(oldest);
    endPeerSocket(oldest);
  }
}

async function receiveData(
  socket: PeerSocket,
  { session }: Listening,
  until_ms: number,
): Promise<void> {
  const ticket = (await readExact(socket, TICKET_BYTES, until_ms)).toHex();
  const arrival = session?.tickets.redeem(ticket);
  if (arrival === undefined) throw new PeerError("refused", `${socket.name} has no such ticket`);
  try {
    await writeAll(socket, Uint8Array.of(TICKET_TAKEN), until_ms);
    arrival.resolve(handOn(socket));
  } catch (error) {
    arrival.reject(error);
    throw error;
  }
}

async function receiveSession(
  socket: PeerSocket,
  id: string,
  listening: Listening,
): Promise<void> {
  const { options, ended, tally, waits } = listening;
  const control = createControl<FromConnector, FromListener>(socket, FromConnectorSchema, {
    ...LINE_LIMITS,
    ...waits,
  });
  if (listening.session !== null && listening.waiting < MOST_WAITING) {
    listening.waiting++;
    await withinPatience(listening.session.over);
    listening.waiting--;
  }
  if (listening.session !== null || ended.signal.aborted) {
    await control.send({ type: "busy" });
    throw new PeerError("refused", "another session is under way");
  }
  options.tell("a session began");
  const session = startSession(control, id, { ...options, waits, signal: ended.signal });
  listening.session = session;
  const end = await session.over;
  listening.session = null;
  countSession(tally, end);
  options.tell(`the session ended${end.why === null ? "" : `: ${end.why}`}`);
  if (options.once) ended.abort();
}

function countSession(tally: ListenerTally, { trials, why }: SessionEnd): void {
  tally.sessions++;
  if (why !== null) tally.broken_sessions++;
  tally.completed_trials += trials.completed;
  tally.failed_trials += trials.failed + trials.broken;
}

async function withinPatience(over: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE_MS);
  await Promise.race([over, promise]);
  clearTimeout(timer);
}
