/** A peer that says what it likes, to see what a listener makes of it. */
import {
  check,
  close,
  connect,
  type SocketAddress,
  socketTcp,
  socketUnix,
} from "../../../core/libc/mod.ts";
import { greetListener, PURPOSE, type Token } from "../handshake.ts";
import { createLineReader, type LineReader } from "../line_reader.ts";
import { createPeerSocket, endPeerSocket, type PeerSocket, writeAll } from "../peer_socket.ts";

export interface RawPeer {
  readonly socket: PeerSocket;
  readonly lines: LineReader;
  /** Text as it is. */
  say(text: string): Promise<void>;
  /** A message as JSON. */
  tell(message: unknown): Promise<void>;
  /** The next message that is no pong. */
  hear(): Promise<Record<string, unknown>>;
  /** Whether the other side ended the connection, or does within a while. */
  isEnded(): Promise<boolean>;
  end(): void;
}

/** Connects, and says nothing. */
export function rawConnection(address: SocketAddress): RawPeer {
  const fd = check(
    address.kind === "unix" ? socketUnix() : socketTcp(address.host),
    "socket",
    "connect a raw peer",
  );
  const result = connect(fd, address);
  if (result < 0) {
    close(fd);
    check(result, "connect", "connect a raw peer");
  }
  const socket = createPeerSocket(fd, "the listener");
  const lines = createLineReader(socket);
  const soon = () => performance.now() + 10_000;
  const peer: RawPeer = {
    socket,
    lines,
    say: (text) => writeAll(socket, new TextEncoder().encode(text), soon()),
    tell: (message) => peer.say(`${JSON.stringify(message)}\n`),
    async hear() {
      const value = await lines.next();
      if (typeof value !== "object" || value === null) throw new Error(`heard ${value}`);
      return Object.fromEntries(Object.entries(value));
    },
    async isEnded() {
      try {
        for (;;) await lines.next();
      } catch (error) {
        return error instanceof Error && error.message.includes("is gone");
      }
    },
    end: () => endPeerSocket(socket),
  };
  return peer;
}

/** Connects and is welcome. */
export async function rawSession(address: SocketAddress, token: Token = null): Promise<RawPeer> {
  const peer = rawConnection(address);
  await greetListener(peer.socket, PURPOSE.SESSION, token);
  const { type } = await peer.hear();
  if (type !== "welcome") throw new Error(`Cannot begin a session: heard ${type}`);
  return peer;
}
