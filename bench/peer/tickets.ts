import { randomBytes } from "node:crypto";
import { PeerError } from "./peer_error.ts";

const TICKET_SIZE = 32;

/** Tickets that were given out, each good for one data connection. */
export interface Tickets {
  /** A new one, and the fd that will come for it. */
  issue(): { readonly ticket: string; readonly arrived: Promise<number> };
  /**
   * Takes a ticket back: whoever brings it, and whatever becomes of the connection, it is good no more.
   *
   * @returns Whoever waits for the connection, and has to be told what became of it; undefined where there is no
   * such ticket
   */
  redeem(ticket: string): Pick<PromiseWithResolvers<number>, "resolve" | "reject"> | undefined;
  /** None of those that nobody has brought is good any more. */
  revoke(reason: PeerError): void;
}

/** No tickets yet. A ticket is 32 random bytes, in hex. */
export function createTickets(): Tickets {
  const open = new Map<string, PromiseWithResolvers<number>>();
  return {
    issue() {
      const ticket = randomBytes(TICKET_SIZE).toString("hex");
      const arrival = Promise.withResolvers<number>();
      open.set(ticket, arrival);
      // Whoever waits for it hears of it; nobody may wait any more.
      arrival.promise.catch(() => {});
      return { ticket, arrived: arrival.promise };
    },
    redeem(ticket) {
      const arrival = open.get(ticket);
      open.delete(ticket);
      return arrival;
    },
    revoke(reason) {
      for (const { reject } of open.values()) reject(reason);
      open.clear();
    },
  };
}

/** How many bytes a ticket has on the wire. */
export const TICKET_BYTES = TICKET_SIZE;
/** What the listener answers where a ticket is good. */
export const TICKET_TAKEN = 1;
