/**
 * The connecting side of a session: control, data connections, and the time at the other end.
 *
 * @module
 */
import {
  check,
  close,
  connectTimeout,
  ERRNO,
  errnoMessage,
  errnoName,
  monotonicNs,
  setNoDelay,
  type SocketAddress,
  socketTcp,
  socketUnix,
} from "../../core/libc/mod.ts";
import { addressText } from "./address.ts";
import { bootHash } from "./boot_hash.ts";
import { boundsOfPings, type ClockBounds, type Ping } from "./clock_bounds.ts";
import { type Control, createControl } from "./control.ts";
import { greetListener, PURPOSE, type Token } from "./handshake.ts";
import { createInbox } from "./inbox.ts";
import { type FromConnector, type FromListener, FromListenerSchema } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import {
  createPeerSocket,
  endPeerSocket,
  handOn,
  type PeerSocket,
  readExact,
  writeAll,
} from "./peer_socket.ts";
import { TICKET_TAKEN } from "./tickets.ts";

/** A session with a listener that took it. */
export interface PeerSession {
  /** Who it is, for messages: "the listener at tcp:127.0.0.1:7000". */
  readonly name: string;
  readonly kind: "unix" | "tcp";
  /** Whether the listener is of the same boot of the same machine, and so has the same clock. */
  readonly isOneClock: boolean;
  /** What the listener says of its machine. */
  readonly environment: Readonly<Record<string, string | number>>;
  /** Why it is over; null while it is not. */
  why(): PeerError | null;
  send(message: FromConnector): Promise<void>;
  /** The next answer. @throws {PeerError} where none comes in time: the session is over then */
  next(timeout_ms: number): Promise<FromListener>;
  /** Opens a data connection; its fd is the caller's. @throws {PeerError} */
  openData(ticket: string): Promise<number>;
  /** How far the listener's clock is ahead now. @throws {PeerError} */
  askClock(): Promise<ClockBounds>;
  /** Says goodbye, where there is somebody to hear it, and ends. Does not reject. */
  end(): Promise<void>;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
/** How often the listener is told that somebody is there, and asked the same. */
const BEAT_MS = 5_000;
const PINGS = 12;
/** A listener answers one thing at a time. */
const MOST_PENDING = 8;
const DATA_MS = 5_000;

/**
 * Connects to a listener and proves to be who may.
 *
 * @throws {PeerError} in one line: nobody listens, another version, another token, busy
 */
export async function connectSession(
  address: SocketAddress,
  token: Token,
): Promise<PeerSession> {
  const name = `the listener at ${addressText(address)}`;
  const socket = dial(address, name);
  try {
    const { id } = await greetListener(socket, PURPOSE.SESSION, token);
    const control = createControl<FromListener, FromConnector>(socket, FromListenerSchema);
    const first = await control.receive();
    if (first.type === "busy") {
      throw new PeerError("refused", `${name} is busy with another session: try again later`);
    }
    if (first.type !== "welcome") throw outOfTurn(name, first);
    return startPump(control, {
      address,
      token,
      isOneClock: first.boot === bootHash(id),
      environment: first.environment.comparable,
    });
  } catch (error) {
    endPeerSocket(socket);
    throw error;
  }
}

function dial(address: SocketAddress, name: string): PeerSocket {
  const fd = check(
    address.kind === "unix" ? socketUnix() : socketTcp(address.host),
    "socket",
    `connect to ${name}`,
  );
  const connected = connectTimeout(fd, address, CONNECT_MS);
  if (connected < 0) {
    close(fd);
    const isNobody = connected === -ERRNO.ECONNREFUSED || connected === -ERRNO.ENOENT;
    throw new PeerError(
      "gone",
      isNobody
        ? `Cannot connect to ${
          addressText(address)
        }: nobody listens there; start one with deno task bench --listen ${addressText(address)}`
        : `Cannot connect to ${addressText(address)}: connect gave ${errnoName(connected)} (${
          errnoMessage(connected)
        })`,
    );
  }
  if (address.kind === "tcp") setNoDelay(fd);
  return createPeerSocket(fd, name);
}

interface SessionFacts {
  readonly address: SocketAddress;
  readonly token: Token;
  readonly isOneClock: boolean;
  readonly environment: Readonly<Record<string, string | number>>;
}

function startPump(
  control: Control<FromListener, FromConnector>,
  { address, token, isOneClock, environment }: SessionFacts,
): PeerSession {
  const { name } = control;
  const inbox = createInbox<FromListener>(MOST_PENDING);
  const pings = new Map<number, (pong: Omit<Ping, "sent_ns">) => void>();
  let nextPing = 0;
  let why: PeerError | null = null;
  const fail = (reason: PeerError) => {
    why ??= reason;
    clearInterval(beat);
    inbox.fail(why);
    pings.clear();
    control.end();
  };
  // Any answer will do: whoever gives none for a while is gone, as the reader finds.
  const beat = setInterval(() => {
    if (pings.size === 0) control.send({ type: "ping", nth: nextPing++ }).catch(() => {});
  }, BEAT_MS);

  const pump = async (): Promise<void> => {
    try {
      for (;;) {
        const message = await control.receive();
        if (message.type === "pong") {
          const back_ns = monotonicNs();
          pings.get(message.nth)?.({
            received_ns: message.received_ns,
            answered_ns: message.sent_ns,
            back_ns,
          });
          pings.delete(message.nth);
        } else if (message.type === "end") {
          throw new PeerError("gone", `${name} ended the session: ${message.message}`);
        } else if (!inbox.push(message)) {
          throw new PeerError("garbage", `${name} sent more answers than it was asked for`);
        }
      }
    } catch (error) {
      fail(error instanceof PeerError ? error : new PeerError("garbage", String(error)));
    }
  };
  const pumped = pump();

  async function next(timeout_ms: number): Promise<FromListener> {
    const timer = setTimeout(
      () => fail(new PeerError("late", `${name} did not answer within ${timeout_ms} ms`)),
      timeout_ms,
    );
    try {
      return await inbox.next();
    } finally {
      clearTimeout(timer);
    }
  }

  async function ping(): Promise<Ping> {
    const nth = nextPing++;
    const { promise, resolve } = Promise.withResolvers<Omit<Ping, "sent_ns">>();
    pings.set(nth, resolve);
    const timer = setTimeout(
      () => fail(new PeerError("late", `${name} did not tell the time within ${ANSWER_MS} ms`)),
      ANSWER_MS,
    );
    try {
      const sent_ns = monotonicNs();
      await control.send({ type: "ping", nth });
      const pong = await Promise.race([promise, pumped]);
      if (pong === undefined) throw why ?? new PeerError("gone", `${name} is gone`);
      return { sent_ns, ...pong };
    } finally {
      clearTimeout(timer);
    }
  }

  // The session is over at once, and not when its reader comes to know: a run would play on meanwhile.
  const orOver = async <T>(made: Promise<T>): Promise<T> => {
    try {
      return await made;
    } catch (error) {
      if (error instanceof PeerError) fail(error);
      throw error;
    }
  };

  /** Connects once more to a listener that was there. */
  function dialAgain(): PeerSocket {
    try {
      return dial(address, name);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      throw new PeerError("gone", `${name} is gone: ${error.message}`);
    }
  }

  async function openData(ticket: string): Promise<number> {
    const socket = dialAgain();
    try {
      await greetListener(socket, PURPOSE.DATA, token);
      const until_ms = performance.now() + DATA_MS;
      await writeAll(socket, Uint8Array.fromHex(ticket), until_ms);
      const [answer] = await readExact(socket, 1, until_ms);
      if (answer !== TICKET_TAKEN) {
        throw new PeerError("garbage", `${name} did not take its own ticket`);
      }
      return handOn(socket);
    } catch (error) {
      endPeerSocket(socket);
      throw error;
    }
  }

  return {
    name,
    kind: address.kind,
    isOneClock,
    environment,
    why: () => why,
    send: (message) => orOver(control.send(message)),
    next,
    async askClock() {
      const all: Ping[] = [];
      for (let i = 0; i < PINGS; i++) all.push(await ping());
      return boundsOfPings(all);
    },
    openData: (ticket) => orOver(openData(ticket)),
    async end() {
      if (why === null) await control.send({ type: "bye" }).catch(() => {});
      fail(new PeerError("gone", "the session is over"));
      await pumped;
    },
  };
}

export function outOfTurn(name: string, { type }: FromListener): PeerError {
  return new PeerError("garbage", `${name} said ${type} out of turn`);
}
