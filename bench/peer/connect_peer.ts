import { type Case, ScenarioError } from "../scenario/mod.ts";
import type { Cases, TrialPlayer } from "../trial/mod.ts";
import type { PeerFields } from "../trial/record.ts";
import { readAddress } from "./address.ts";
import { connectSession, type PeerSession } from "./connect_session.ts";
import { offerCase, runPeerTrial } from "./peer_trial.ts";
import { readToken } from "./token.ts";
import { wireOfCase } from "./wire_case.ts";

/** A listener that takes all cases of a run, and plays their destinations. */
export interface Peer extends TrialPlayer {
  readonly session: PeerSession;
  /** Ends the session. Does not reject. */
  end(): Promise<void>;
}

/**
 * Connects to a listener and asks whether it takes the cases: what is wrong is told before anything is played.
 *
 * @param address As `--connect` has it
 * @param tokenFile As `--token-file` has it
 * @throws {PeerError} {UsageError} {ScenarioError} in one line
 */
export async function connectPeer(
  address: string,
  tokenFile: string | undefined,
  cases: Cases,
): Promise<Peer> {
  const target = readAddress("--connect", address);
  for (const one of cases.values()) {
    checkChannel(one, target.kind);
    wireOfCase(one);
  }
  const token = tokenFile === undefined ? null : readToken(tokenFile);
  const session = await connectSession(target, token);
  try {
    for (const one of cases.values()) await offerCase(session, one);
  } catch (error) {
    await session.end();
    throw error;
  }
  return peerOf(session);
}

/** A player of trials over a session. */
export function peerOf(session: PeerSession): Peer {
  const kept: PeerFields[] = [];
  let number = 0;
  return {
    session,
    meta: {
      channel: session.kind,
      one_machine: session.isOneClock,
      comparable: { ...session.environment },
    },
    async play(one, place, signal, keep) {
      const trial = await runPeerTrial(session, number++, one, place, signal, keep);
      if (trial.record.peer !== undefined && place.trial >= 0) kept.push(trial.record.peer);
      return trial;
    },
    why: () => session.why()?.message ?? null,
    warnings: () => clockWarnings(kept),
    end: () => session.end(),
  };
}

/** What the cases' channel is, over this address. */
export function channelOfAddress(address: string): "unix" | "tcp" {
  return readAddress("--connect", address).kind;
}

function checkChannel({ scenario, label, params, clock }: Case, kind: "unix" | "tcp"): void {
  if (clock === "virtual" || params.channel === kind) return;
  throw new ScenarioError(
    `Cannot play ${scenario}${
      label === "" ? "" : ` (${label})`
    } with --connect: channel=${params.channel} was asked for, and the connection is ${kind}; leave channel out`,
  );
}

/** A line for each basis that is not the one clock that makes a downtime exact. */
export function clockWarnings(trials: readonly PeerFields[]): string[] {
  const lines: string[] = [];
  const two = trials.filter((one) => one.downtime_rests_on === "two clocks");
  if (two.length > 0) {
    lines.push(
      `Two clocks: in ${two.length} of ${trials.length} trials the downtime rests on the offset of the two hosts' clocks, known to ±${
        worstMs(two)
      } ms at worst`,
    );
  }
  const heard = trials.filter((one) => one.downtime_rests_on === "return path");
  if (heard.length > 0) {
    lines.push(
      `Two clocks: in ${heard.length} of ${trials.length} trials their offset was too uncertain (±${
        worstMs(heard)
      } ms at worst), and the downtime lasts until the source heard that the destination runs: too long by the way back`,
    );
  }
  return lines;
}

function worstMs(trials: readonly PeerFields[]): string {
  const worst = Math.max(...trials.map((one) => one.clock_uncertainty_ms ?? NaN));
  return Number.isNaN(worst) ? "an unknown time" : worst.toPrecision(2);
}
