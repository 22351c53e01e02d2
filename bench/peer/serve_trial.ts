import type { MultifdEnds } from "../../core/channel/mod.ts";
import type { DeviceImage } from "../../core/device/mod.ts";
import { close, ERRNO, SHUT, shutdown } from "../../core/libc/mod.ts";
import type { Case } from "../scenario/mod.ts";
import { endHalf } from "../trial/end_half.ts";
import type { HalfWorker } from "../trial/half_worker.ts";
import type { SpareWorkers } from "../trial/spare_workers.ts";
import { trialFaults } from "../trial/trial_faults.ts";
import { plan, whatBroke } from "../trial/migrate.ts";
import { destinationOf } from "../trial/migration_options.ts";
import { limitOf } from "../trial/watch_trial.ts";
import type { FromWorker, HalfPlan } from "../trial/worker_message.ts";
import type { Inbox } from "./inbox.ts";
import type { FromConnector, FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import type { Tickets } from "./tickets.ts";
import type { Waits } from "./waits.ts";

/** What the connector wants played. */
export interface TrialRequest {
  readonly trial: number;
  readonly seed: number;
  readonly one: Case;
}

/** What the connector says of a trial that is under way. */
export type OfTrial = Extract<FromConnector, { readonly type: "run" | "digest" | "close" }>;

/** What a served trial is given. */
export interface TrialHost {
  readonly tickets: Tickets;
  readonly inbox: Inbox<OfTrial>;
  send(message: FromListener): Promise<void>;
  /** Aborted when the session is over, however it ends. */
  readonly signal: AbortSignal;
  readonly waits: Waits;
  /** Where its Worker is from, and goes to where it went well. */
  readonly workers: SpareWorkers;
  /** Lends the images of a migration that came to its end; they are closed afterwards. */
  readonly onArrived?: ((images: readonly DeviceImage[]) => void) | undefined;
}

/** How a trial ended, as the listener sees it. */
export type ServedEnd = "completed" | "failed" | "broken";

/** How long a Worker may take to end once its channels are broken. */
const LAST_WORD_MS = 10_000;

/** What is left of a trial. */
export interface Served {
  readonly end: ServedEnd;
  /** What keeps real devices from being as they were found. */
  readonly obstacles: readonly string[];
}

/**
 * Plays the destination of one trial. It ends in one of three ways: as the messages say; when the session is over;
 * when its time is up. Whichever it is, no fd, memory or Worker of it is left when it returns but a Worker that is kept.
 *
 * @throws {PeerError} where the peer does not play along: then the session is to be ended
 */
export async function serveTrial(request: TrialRequest, host: TrialHost): Promise<Served> {
  const link: Link = {
    fds: [],
    broken: new Int32Array(new SharedArrayBuffer(4)),
    users: new Int32Array(new SharedArrayBuffer(4)),
    cancel: new Int32Array(new SharedArrayBuffer(4)),
  };
  const onAbort = () => breakOff(link);
  const limit_ms = limitOf(request.one) + host.waits.beside_ms;
  const timer = setTimeout(() => {
    const late = new PeerError("late", `the trial is not over after ${limit_ms} ms`);
    host.inbox.fail(late);
    host.tickets.revoke(late);
    breakOff(link);
  }, limit_ms);
  host.signal.addEventListener("abort", onAbort);
  try {
    await receiveConnections(request, host, link);
    if (host.signal.aborted) onAbort();
    return await playHalf(request, host, link);
  } finally {
    clearTimeout(timer);
    host.signal.removeEventListener("abort", onAbort);
    for (const fd of link.fds) close(fd);
  }
}

/** What a trial's half is connected by. */
interface Link {
  /** The main channel's, then multifd's. */
  readonly fds: number[];
  /** Multifd's word: 0, or the errno that its channels were broken with. */
  readonly broken: Int32Array<SharedArrayBuffer>;
  /** How many threads use those. */
  readonly users: Int32Array<SharedArrayBuffer>;
  /** The devices' word: not 0 once nobody wants to wait any more. */
  readonly cancel: Int32Array<SharedArrayBuffer>;
}

/** Whoever waits on a channel comes back, and a device that sleeps wakes up. */
function breakOff({ fds, broken, cancel }: Link): void {
  Atomics.compareExchange(broken, 0, 0, ERRNO.EPIPE);
  Atomics.store(cancel, 0, 1);
  Atomics.notify(cancel, 0);
  for (const fd of fds) shutdown(fd, SHUT.SHUT_RDWR);
}

/** Gives out a ticket for each channel, and takes the connections that come for them, in the tickets' order. */
async function receiveConnections(
  { trial, one }: TrialRequest,
  { tickets, send, waits }: TrialHost,
  { fds }: Link,
): Promise<void> {
  const count = one.params.multifd ? 1 + one.params.channels : 1;
  const issued = Array.from({ length: count }, () => tickets.issue());
  const name = `${count} data connection${count === 1 ? "" : "s"}`;
  const timer = setTimeout(
    () => {
      const why = `the trial's ${name} did not come within ${waits.arrival_ms} ms`;
      tickets.revoke(new PeerError("late", why));
    },
    waits.arrival_ms,
  );
  try {
    await send({ type: "tickets", trial, tickets: issued.map(({ ticket }) => ticket) });
    const arrived = await Promise.allSettled(issued.map(({ arrived }) => arrived));
    // Those that came are closed with the trial, also where others did not.
    for (const one of arrived) if (one.status === "fulfilled") fds.push(one.value);
    const missing = arrived.find((one) => one.status === "rejected");
    if (missing !== undefined) throw missing.reason;
  } finally {
    clearTimeout(timer);
    tickets.revoke(new PeerError("gone", "the trial is over"));
  }
}

function destinationPlan(
  { one, seed }: TrialRequest,
  { fds, broken, users, cancel }: Link,
): HalfPlan {
  const { buffer_size, multifd, max_queued_bytes, measure } = one.params;
  const [main = -1, ...others] = fds;
  const ends: MultifdEnds = { fds: others, broken, users };
  // No peer injects anything here.
  const { plan: faults, struck } = trialFaults({ ...one, faults: [] });
  return {
    role: "destination",
    devices: one.devices,
    ram: one.ram,
    ...destinationOf(one),
    channel: { kind: "stream", fd: main, isSocket: true, bufferSize: buffer_size },
    multifd: multifd ? { ends, maxQueuedBytes: max_queued_bytes } : null,
    seed,
    recordAs: null,
    measure,
    faults,
    struck,
    traced: false,
    cancel: cancel.buffer,
  };
}

async function playHalf(
  request: TrialRequest,
  host: TrialHost,
  link: Link,
): Promise<Served> {
  const { trial, one } = request;
  const half = host.workers.take(one, "destination");
  let images: readonly DeviceImage[] = [];
  let obstacles: readonly string[];
  let end: ServedEnd = "broken";
  let mayStay = false;
  try {
    const ready = await plan(half, destinationPlan(request, link));
    if (ready.type === "ready") images = ready.images;
    await host.send(answerOf(trial, ready));
    for (let due = dueAfter(ready);;) {
      const message = await host.inbox.next();
      if (message.trial === trial && message.type === "close") {
        mayStay = end === "completed";
        break;
      }
      if (message.trial !== trial || message.type !== due) {
        throw new PeerError(
          "garbage",
          `it said ${message.type} of trial ${message.trial} out of turn`,
        );
      }
      half.tell({ type: message.type });
      const answer = await half.next();
      due = dueAfter(answer);
      if (message.type === "run") {
        end = due === "digest" ? "completed" : answer.type === "done" ? "failed" : "broken";
        if (due === "digest") host.onArrived?.(images);
      }
      await host.send(answerOf(trial, answer));
    }
  } finally {
    breakOff(link);
    obstacles = await endInTime(half, link, mayStay);
  }
  if (mayStay && half.state() === "alive") {
    if (obstacles.length === 0) host.workers.keep(one, "destination", half);
    else half.end();
  }
  return { end, obstacles };
}

/** A Worker whose channels are broken answers soon; one that does not is given up. */
async function endInTime(
  half: HalfWorker,
  link: Link,
  stays: boolean,
): Promise<readonly string[]> {
  const { users } = link;
  const timer = setTimeout(
    () => half.giveUp(`The destination's Worker does not answer: ${LAST_WORD_MS} ms have passed`),
    LAST_WORD_MS,
  );
  try {
    return await endHalf(half, { name: "destination", users }, stays);
  } finally {
    clearTimeout(timer);
    // An fd that it may still use must not become somebody else's.
    if (half.state() === "given up") link.fds.length = 0;
  }
}

/** What may be asked of a half that has answered so, beside to close. */
function dueAfter(answer: FromWorker): OfTrial["type"] | null {
  if (answer.type === "ready") return "run";
  return answer.type === "done" && answer.report.failure === null ? "digest" : null;
}

/** A Worker's answer as the connector gets it. */
function answerOf(trial: number, answer: FromWorker): FromListener {
  switch (answer.type) {
    case "ready":
      return { type: "ready", trial };
    case "done":
      if (answer.role === "source") break;
      return {
        type: "done",
        trial,
        report: answer.report,
        durations: answer.durations === null ? null : [...answer.durations],
      };
    case "digested":
      return { type: "digested", trial, digests: [...answer.digests] };
  }
  const { message, device, call = null, errno = null } = whatBroke(answer);
  return {
    type: "broken",
    trial,
    breakage: { message, call, errno, ...(device === undefined ? {} : { device }) },
  };
}
