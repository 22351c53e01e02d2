import type { DeviceImage } from "../../core/device/mod.ts";
import { monotonicNs } from "../../core/libc/mod.ts";
import { type Case, ScenarioError } from "../scenario/mod.ts";
import type { SpareWorkers } from "../trial/spare_workers.ts";
import { captureEnvironment } from "../store/mod.ts";
import { bootHash } from "./boot_hash.ts";
import { type CaseLimits, whyNotTaken } from "./case_limits.ts";
import type { Control } from "./control.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { FromConnector, FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import { plainText } from "./plain_text.ts";
import { type OfTrial, type ServedEnd, serveTrial } from "./serve_trial.ts";
import { createTickets, type Tickets } from "./tickets.ts";
import type { Waits } from "./waits.ts";
import { caseOfWire, type WireCase } from "./wire_case.ts";

/** What a listener gives every session. */
export interface SessionHost {
  readonly limits: CaseLimits;
  /** The real devices of this side, by their order. */
  readonly realDevices: readonly string[];
  /** Aborted when the listener is to end. */
  readonly signal: AbortSignal;
  readonly waits: Waits;
  /** Where its trials' Workers are from, and go to where they went well: to the next session, too. Their owner ends them. */
  readonly workers: SpareWorkers;
  /** A line for whoever watches the listener. */
  tell(line: string): void;
  readonly onArrived?: ((images: readonly DeviceImage[]) => void) | undefined;
}

/** What came of a session. */
export interface SessionEnd {
  /** Trials by how they ended. */
  readonly trials: Readonly<Record<ServedEnd, number>>;
  /** Why it did not end with the connector's `bye`; null where it did. */
  readonly why: string | null;
}

/** A session that is under way. */
export interface Session {
  /** Where its data connections belong. */
  readonly tickets: Tickets;
  /** Settled when nothing of it is left. Does not reject. */
  readonly over: Promise<SessionEnd>;
}

/** How many times a second it may be asked for the time. */
const MOST_PINGS_PER_S = 500;
/** Of a trial, the next message is not sent before the last one was answered. */
const MOST_PENDING = 2;

/**
 * Serves a connector that has proved itself. The session ends when it says so, is gone, or does what no connector
 * does; a trial that is under way then ends too.
 */
export function startSession(
  control: Control<FromConnector, FromListener>,
  id: string,
  host: SessionHost,
): Session {
  const tickets = createTickets();
  return { tickets, over: serve(control, id, tickets, host) };
}

/** The state of a session. */
interface Serving {
  readonly control: Control<FromConnector, FromListener>;
  readonly host: SessionHost;
  readonly tickets: Tickets;
  readonly inbox: Inbox<OfTrial>;
  /** Aborted when the session is over. */
  readonly ended: AbortController;
  readonly trials: Record<ServedEnd, number>;
  /** The trial that is under way. */
  trial: Promise<void> | null;
  /** Why the session is to end, where it was not the connector's wish. */
  why: PeerError | null;
  /** Since when no trial has been under way, by `performance.now()`. */
  idleSince_ms: number;
  pings: number;
  pingsSince_ms: number;
}

async function serve(
  control: Control<FromConnector, FromListener>,
  id: string,
  tickets: Tickets,
  host: SessionHost,
): Promise<SessionEnd> {
  const serving: Serving = {
    control,
    host,
    tickets,
    inbox: createInbox(MOST_PENDING),
    ended: new AbortController(),
    trials: { completed: 0, failed: 0, broken: 0 },
    trial: null,
    why: null,
    idleSince_ms: performance.now(),
    pings: 0,
    pingsSince_ms: 0,
  };
  const onStop = () => {
    void control.send({ type: "end", message: "it was stopped" }).catch(() => {})
      .finally(() => endSession(serving, new PeerError("gone", "the listener was stopped")));
  };
  if (host.signal.aborted) onStop();
  else host.signal.addEventListener("abort", onStop);
  try {
    const { comparable } = captureEnvironment();
    await control.send({ type: "welcome", boot: bootHash(id), environment: { comparable } });
    while (await take(serving, await control.receive()));
    endSession(serving, null);
  } catch (error) {
    const reason = error instanceof PeerError ? error : new PeerError("garbage", String(error));
    if (reason.trouble !== "gone" && serving.why === null) {
      // Whoever does not follow the protocol may still be told so.
      await control.send({ type: "end", message: reason.message }).catch(() => {});
    }
    endSession(serving, reason);
  } finally {
    host.signal.removeEventListener("abort", onStop);
    endSession(serving, null);
    await serving.trial;
  }
  return { trials: serving.trials, why: serving.why?.message ?? null };
}

/** Ends the session; the first reason counts. */
function endSession(serving: Serving, why: PeerError | null): void {
  const { ended, inbox, tickets, control } = serving;
  if (ended.signal.aborted) return;
  serving.why ??= why;
  const reason = why ?? new PeerError("gone", "the session is over");
  ended.abort();
  inbox.fail(reason);
  tickets.revoke(reason);
  control.end();
}

/** Takes a message in; whether the session goes on. */
async function take(serving: Serving, message: FromConnector): Promise<boolean> {
  const { control, host, inbox } = serving;
  switch (message.type) {
    case "ping": {
      const received_ns = monotonicNs();
      countPing(serving);
      await control.send({ type: "pong", nth: message.nth, received_ns, sent_ns: monotonicNs() });
      return true;
    }
    case "check": {
      if (serving.trial !== null) throw outOfTurn("check");
      checkIdle(serving);
      const taken = takeCase(message.case, host);
      await control.send(
        typeof taken === "string" ? { type: "refused", message: taken } : { type: "taken" },
      );
      return true;
    }
    case "trial": {
      if (serving.trial !== null) throw outOfTurn("trial");
      checkIdle(serving);
      const taken = takeCase(message.case, host);
      if (typeof taken === "string") await control.send({ type: "refused", message: taken });
      else serving.trial = playTrial(serving, message.trial, message.seed, taken);
      return true;
    }
    case "run":
    case "digest":
    case "close":
      if (serving.trial === null || !inbox.push(message)) throw outOfTurn(message.type);
      return true;
    case "bye":
      if (serving.trial !== null) throw outOfTurn("bye");
      return false;
  }
}

function outOfTurn(what: string): PeerError {
  return new PeerError("garbage", `it said ${what} out of turn`);
}

/** Whoever plays nothing is not to keep others out. */
function checkIdle({ trial, idleSince_ms, host: { waits: { idle_ms } } }: Serving): void {
  if (trial !== null || performance.now() - idleSince_ms <= idle_ms) return;
  throw new PeerError("late", `no trial was begun within ${idle_ms} ms`);
}

/** A connector pings a few times a trial, and every few seconds. */
function countPing(serving: Serving): void {
  checkIdle(serving);
  const now_ms = performance.now();
  if (now_ms - serving.pingsSince_ms > 1000) {
    serving.pingsSince_ms = now_ms;
    serving.pings = 0;
  }
  if (++serving.pings > MOST_PINGS_PER_S) {
    throw new PeerError("garbage", `it sent more than ${MOST_PINGS_PER_S} pings in a second`);
  }
}

/** The case, or why it is not taken. */
function takeCase(wire: WireCase, { limits, realDevices }: SessionHost): Case | string {
  try {
    const one = caseOfWire(wire, realDevices);
    return whyNotTaken(one, limits, Deno.systemMemoryInfo().available) ?? one;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return plainText(error.message, 1000);
  }
}

/** Plays a trial beside the messages. Does not reject: what the peer does not do ends the session. */
async function playTrial(
  serving: Serving,
  trial: number,
  seed: number,
  one: Case,
): Promise<void> {
  const { control, host, tickets, inbox, ended, trials } = serving;
  const name = plainText(`trial ${trial} of ${one.scenario} ${one.label}`.trimEnd(), 200);
  try {
    const { end, obstacles } = await serveTrial({ trial, seed, one }, {
      tickets,
      inbox,
      send: control.send,
      signal: ended.signal,
      waits: host.waits,
      workers: host.workers,
      onArrived: host.onArrived,
    });
    trials[end]++;
    host.tell([`${name}: ${end}`, ...obstacles].join("; "));
    serving.trial = null;
    serving.idleSince_ms = performance.now();
    // The last thing of a trial. Where nobody hears it any more, the session's end is near.
    await control.send({ type: "closed", trial, obstacles: [...obstacles] }).catch(() => {});
  } catch (error) {
    trials.broken++;
    const why = error instanceof Error ? error.message : String(error);
    host.tell(`${name}: broken off, ${plainText(why, 500)}`);
    const reason = error instanceof PeerError ? error : new PeerError("gone", why);
    if (reason.trouble !== "gone") {
      await control.send({ type: "end", message: reason.message }).catch(() => {});
    }
    endSession(serving, reason);
  }
}
