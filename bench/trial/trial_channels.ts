/**
 * The channels of a trial within one process.
 * @module
 */
import {
  breakChannel,
  breakMultifdSockets,
  closeChannel,
  closeMultifdSockets,
  type MultifdSockets,
  type OpenChannel,
  openChannel,
  openMultifdSockets,
  withFaults,
} from "../../core/channel/mod.ts";
import { channelStrikes } from "../../core/fault/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { TrialFaults } from "./trial_faults.ts";

/** The main channel, and those for device state beside it where there are any. */
export interface Channels {
  readonly main: OpenChannel;
  readonly multifd: MultifdSockets | null;
  /** Whether a Worker that was given up may still use them: an fd of theirs must not become somebody else's. */
  mayBeUsed: boolean;
}

/** Opens them all; throws with none left open. Beside a ring the others are unix sockets. */
export function openChannels(one: Case, path: string, { plan, struck }: TrialFaults): Channels {
  const main = withFaults(
    openChannel(channelOptions(one, path)),
    channelStrikes(plan, 0, struck),
  );
  const { multifd, channel, channels } = one.params;
  if (!multifd) return { main, multifd: null, mayBeUsed: false };
  try {
    const sockets = openMultifdSockets(channel === "tcp" ? "tcp" : "unix", channels);
    const faults = Array.from(
      { length: channels },
      (_, i) => channelStrikes(plan, i + 1, struck),
    );
    if (faults.every((one) => one === null)) {
      return { main, multifd: sockets, mayBeUsed: false };
    }
    const faulty = { ...sockets, source: { ...sockets.source, faults } };
    return { main, multifd: faulty, mayBeUsed: false };
  } catch (error) {
    closeChannel(main);
    throw error;
  }
}

export function breakChannels({ main, multifd }: Channels, errno: number): void {
  breakChannel(main, errno);
  if (multifd !== null) breakMultifdSockets(multifd, errno);
}

export function closeChannels({ main, multifd, mayBeUsed }: Channels): void {
  if (mayBeUsed) return;
  closeChannel(main);
  if (multifd !== null) closeMultifdSockets(multifd);
}

/** What a case's channel is opened with. */
export function channelOptions({ params }: Case, path: string): Parameters<typeof openChannel>[0] {
  return {
    kind: params.channel,
    bufferSize: params.buffer_size,
    ringSlots: params.ring_slots,
    port: params.port,
    path,
  };
}
