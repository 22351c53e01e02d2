import type * as z from "zod";
import { createLineReader, LINE_LIMITS, type LineLimits } from "./line_reader.ts";
import { PeerError } from "./peer_error.ts";
import { endPeerSocket, type PeerSocket, writeAll } from "./peer_socket.ts";
import { plainText } from "./plain_text.ts";

/** The control connection of a session: messages both ways, each a line of JSON. */
export interface Control<In, Out> {
  readonly name: string;
  /** Sends, after what was sent before. @throws {PeerError} where the peer does not take it */
  send(message: Out): Promise<void>;
  /** The next message. @throws {PeerError} for what is none, and for a peer that is late or gone */
  receive(): Promise<In>;
  /** Ends the connection. */
  end(): void;
}

/**
 * Control over a socket whose handshake is over.
 *
 * @param schema What the peer may say; whatever else it says ends the session
 */
export function createControl<In, Out>(
  socket: PeerSocket,
  schema: z.ZodType<In>,
  limits: LineLimits = LINE_LIMITS,
): Control<In, Out> {
  const lines = createLineReader(socket, limits);
  const encoder = new TextEncoder();
  let sent: Promise<void> = Promise.resolve();
  return {
    name: socket.name,
    send(message) {
      const line = encoder.encode(`${JSON.stringify(message)}\n`);
      // Whoever waits for this one hears of it; the next one meets the same end by itself.
      sent = sent.catch(() => {}).then(() =>
        writeAll(socket, line, performance.now() + limits.line_ms)
      );
      return sent;
    },
    async receive() {
      const value = await lines.next();
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const [issue] = parsed.error.issues;
      const where = issue === undefined || issue.path.length === 0
        ? ""
        : ` at ${issue.path.join(".")}`;
      throw new PeerError(
        "garbage",
        `${socket.name} sent what is no message${plainText(where, 100)}: ${
          plainText(issue?.message ?? "damaged", 200)
        }`,
      );
    },
    end: () => endPeerSocket(socket),
  };
}
