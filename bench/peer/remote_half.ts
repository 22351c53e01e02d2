import type { HalfWorker } from "../trial/half_worker.ts";
import type { Breakage, FromWorker } from "../trial/worker_message.ts";
import type { ClockBounds } from "./clock_bounds.ts";
import { outOfTurn, type PeerSession } from "./connect_session.ts";
import type { FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";

/** A destination in another process, as the main thread holds it: like a Worker of this one. */
export interface RemoteHalf extends HalfWorker {
  /** How far its clock was ahead when it was done; null where that is not known. */
  clockAfter(): ClockBounds | null;
}

/**
 * The half of one trial, whose destination the listener builds when its data connections are there. A listener that
 * is gone is a Worker that died: it answers `broken`, and will not answer anything else.
 *
 * @param timeout_ms The longest that it may leave anything unanswered
 */
export function createRemoteHalf(
  session: PeerSession,
  trial: number,
  timeout_ms: number,
): RemoteHalf {
  let after: ClockBounds | null = null;
  let state: "alive" | "dead" | "given up" = "alive";
  let last: FromWorker | null = null;
  const givenUp = Promise.withResolvers<FromWorker>();
  const answer = async (): Promise<FromWorker> => {
    try {
      const message = await session.next(timeout_ms);
      // At once: clocks drift.
      if (message.type === "done") after = await session.askClock();
      return workerAnswer(session, trial, message);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      if (state === "alive") state = "dead";
      return last ??= { type: "broken", ...breakageOf(error), died: true };
    }
  };
  return {
    ledger: null,
    tell(message) {
      // What cannot be sent is not answered either: `next` says so.
      switch (message.type) {
        case "run":
        case "digest":
        case "close":
          session.send({ type: message.type, trial }).catch(() => {});
      }
    },
    next: () => last === null ? Promise.race([answer(), givenUp.promise]) : Promise.resolve(last),
    state: () => state,
    giveUp(message) {
      if (state !== "alive") return;
      state = "given up";
      last = { type: "broken", message, died: true };
      givenUp.resolve(last);
    },
    end() {},
    clockAfter: () => after,
  };
}

/** What is the matter with a listener, as a trial's record has it. */
export function breakageOf({ trouble, message }: PeerError): Breakage {
  if (trouble === "refused") return { message };
  const errno = trouble === "late" ? "ETIMEDOUT" : trouble === "garbage" ? "EPROTO" : "ECONNRESET";
  return { message, call: "read", errno };
}

function workerAnswer(session: PeerSession, trial: number, message: FromListener): FromWorker {
  if (!("trial" in message) || message.trial !== trial) throw outOfTurn(session.name, message);
  switch (message.type) {
    case "ready":
      // Its images are not here.
      return { type: "ready", images: [] };
    case "done": {
      const { report, durations } = message;
      return {
        type: "done",
        role: "destination",
        report,
        injections: [],
        durations,
        trace: null,
      };
    }
    case "digested":
      return { type: "digested", digests: message.digests };
    case "closed":
      return { type: "closed", obstacles: message.obstacles };
    case "broken":
      return { type: "broken", ...message.breakage };
    case "tickets":
      throw outOfTurn(session.name, message);
  }
}
