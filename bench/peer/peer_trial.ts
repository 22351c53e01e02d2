import { type MultifdEnds, UNIX_SEND_BYTES } from "../../core/channel/mod.ts";
import { close, setBufferSizes, SHUT, shutdown } from "../../core/libc/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { PeerFields } from "../trial/record.ts";
import type { TrialPlace } from "../trial/trial_record.ts";
import { startHalfWorker } from "../trial/half_worker.ts";
import { trialFaults } from "../trial/trial_faults.ts";
import type { KeptOfTrial } from "../trial/kept_of_trial.ts";
import { migrate, type Sides, type WallOutcome } from "../trial/migrate.ts";
import { limitOf } from "../trial/watch_trial.ts";
import { type Trial, trialOf } from "../trial/wall_trial.ts";
import { alignClocks } from "./align_clocks.ts";
import { boundsBetween, type ClockBounds, NO_BOUNDS } from "./clock_bounds.ts";
import { outOfTurn, type PeerSession } from "./connect_session.ts";
import type { FromListener } from "./messages.ts";
import { PeerError } from "./peer_error.ts";
import { breakageOf, createRemoteHalf, type RemoteHalf } from "./remote_half.ts";
import { WAITS } from "./waits.ts";
import { type WireCase, wireOfCase } from "./wire_case.ts";

const ANSWER_MS = 20_000;

/**
 * Asks a listener whether it takes a case.
 *
 * @throws {PeerError} in one line, with why it does not
 * @throws {ScenarioError} for a case that only a single process can play
 */
export async function offerCase(session: PeerSession, one: Case): Promise<void> {
  await session.send({ type: "check", case: wireOfCase(one) });
  const answer = await session.next(ANSWER_MS);
  if (answer.type === "taken") return;
  if (answer.type !== "refused") throw outOfTurn(session.name, answer);
  throw new PeerError("refused", refusal(session, one, answer.message));
}

function refusal({ name }: PeerSession, { scenario, label }: Case, why: string): string {
  const where = label === "" ? scenario : `${scenario} (${label})`;
  return `Cannot play ${where}: ${name} does not take it: ${why}`;
}

/**
 * Plays one migration to another process: the source in a Worker here, the destination in one there, real bytes
 * between them. What can go wrong is in the record; no Worker and no fd is left behind.
 *
 * @param number Which trial of the session it is
 */
export async function runPeerTrial(
  session: PeerSession,
  number: number,
  one: Case,
  place: TrialPlace,
  signal: AbortSignal,
  keep: KeptOfTrial = {},
): Promise<Trial> {
  const fds: number[] = [];
  let mayBeUsed = false;
  let before: ClockBounds;
  try {
    before = session.isOneClock ? NO_BOUNDS : await session.askClock();
    await openChannels(session, number, one, place, fds);
  } catch (error) {
    for (const fd of fds) close(fd);
    if (!(error instanceof PeerError)) throw error;
    return trialOf(one, place, notBegun(error));
  }
  try {
    const remote = createRemoteHalf(session, number, limitOf(one, keep) + WAITS.beside_ms);
    const sides = peerSides(one, fds, remote, () => mayBeUsed = true, keep);
    const outcome = await migrate(one, place, sides, trialFaults(one), signal, keep);
    const { told, peer } = onOneClock(session, one, outcome, before, remote.clockAfter());
    const trial = trialOf(one, place, told);
    return peer === null ? trial : { ...trial, record: { ...trial.record, peer } };
  } finally {
    if (!mayBeUsed) { for (const fd of fds) close(fd); }
  }
}

/** Has the listener prepare a trial, and connects its channels: the main one first. */
async function openChannels(
  session: PeerSession,
  trial: number,
  one: Case,
  { seed }: TrialPlace,
  fds: number[],
): Promise<void> {
  const wire: WireCase = wireOfCase(one);
  await session.send({ type: "trial", trial, seed, case: wire });
  const answer: FromListener = await session.next(ANSWER_MS);
  if (answer.type === "refused") {
    throw new PeerError("refused", refusal(session, one, answer.message));
  }
  if (answer.type !== "tickets" || answer.trial !== trial) throw outOfTurn(session.name, answer);
  const wanted = one.params.multifd ? 1 + one.params.channels : 1;
  if (answer.tickets.length !== wanted) {
    throw new PeerError(
      "garbage",
      `${session.name} gave ${answer.tickets.length} tickets for ${wanted} channels`,
    );
  }
  for (const ticket of answer.tickets) fds.push(await session.openData(ticket));
  // As the channel of one process has it.
  if (session.kind === "unix") setBufferSizes(fds[0] ?? -1, UNIX_SEND_BYTES, 0);
}

function peerSides(
  one: Case,
  fds: readonly number[],
  remote: RemoteHalf,
  leaveOpen: () => void,
  { workers }: KeptOfTrial,
): Sides {
  const source = workers?.take(one, "source") ?? startHalfWorker("source");
  const [main = -1, ...others] = fds;
  const broken = new Int32Array(new SharedArrayBuffer(4));
  const users = new Int32Array(new SharedArrayBuffer(4));
  const multifd: MultifdEnds | null = one.params.multifd ? { fds: others, broken, users } : null;
  return {
    source: {
      half: source,
      ends: {
        channel: {
          kind: "stream",
          fd: main,
          isSocket: true,
          bufferSize: one.params.buffer_size,
        },
        multifd,
      },
      keep: workers === undefined ? null : () => workers.keep(one, "source", source),
    },
    destination: { half: remote, ends: null, keep: null },
    // The other end sees it too.
    breakOff(errno) {
      Atomics.compareExchange(broken, 0, 0, errno);
      for (const fd of fds) shutdown(fd, SHUT.SHUT_RDWR);
    },
    leaveOpen() {
      if (source.state() === "given up") leaveOpen();
    },
    compareBy: "digest",
  };
}

/** A trial that did not come to a migration. */
function notBegun(error: PeerError): WallOutcome {
  return {
    source: null,
    destination: null,
    broken: breakageOf(error),
    obstacles: [],
    difference: null,
    compared: false,
    readDurations: null,
    writeDurations: null,
  };
}

/** What both sides left, with all moments on the source's clock, and what is to be said of that. */
function onOneClock(
  { isOneClock }: PeerSession,
  { params }: Case,
  outcome: WallOutcome,
  before: ClockBounds,
  after: ClockBounds | null,
): { readonly told: WallOutcome; readonly peer: PeerFields | null } {
  const { source, destination } = outcome;
  if (source === null || destination === null) return { told: outcome, peer: null };
  const bounds = after === null ? NO_BOUNDS : boundsBetween(before, after);
  const { report, basis, offset_ns, uncertainty_ns } = alignClocks(
    source,
    destination,
    bounds,
    isOneClock,
    params.return_path,
  );
  return {
    told: { ...outcome, destination: report },
    peer: {
      downtime_rests_on: basis,
      ...(isOneClock || !Number.isFinite(uncertainty_ns) ? {} : {
        clock_offset_ms: toMs(offset_ns),
        clock_uncertainty_ms: toMs(uncertainty_ns),
      }),
    },
  };
}

function toMs(ns: number): number {
  return Number((ns / 1e6).toFixed(6));
}
