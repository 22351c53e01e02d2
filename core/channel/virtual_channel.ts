import type { VirtualClock } from "../clock/mod.ts";
import type { Message, Reply, Sender } from "./message.ts";

/** A link as the virtual clock has it. */
export interface VirtualLink {
  /** Bytes per second; 0 = no limit. */
  readonly bandwidth: number;
  /** How long a byte travels, one way. */
  readonly latency_ns: number;
  /** How many bytes may be sent and not yet taken in by the destination: the sockets' buffers. */
  readonly window: number;
}

/** The sender of a virtual channel, and the way back for the destination. */
export interface VirtualChannel {
  readonly sender: Sender;
  /** The destination answers; the answer arrives by the link's latency after its present moment. */
  reply(kind: number, value: number): void;
  /** The destination gives up: from its present moment on, sending fails. */
  fail(errno: number): void;
}

/** How many messages that were taken in may wait to be forgotten. */
const MOST_FORGOTTEN = 4096;

/** In how many steps the room that a bulk leaves in the window becomes free again. */
const BULK_STEPS = 8;

/**
 * A channel on simulated time. Source, link and destination run side by side, each with a time of its own:
 *
 *     source clock --send--> |link: free at| --arrives--> destination clock (busy until)
 *           ^                                                  |
 *           +-------------- reply, after the latency <---------+
 *
 * What the destination does with a message depends on the messages before it alone, so it is carried out
 * as soon as the message is sent, at the destination's own moment. Nothing flows backwards but replies and
 * room in the window, and the source looks at both only when its own clock has come that far: the order of
 * events is that of their times.
 *
 * A bulk is many buffers in one message. Source, link and destination work on them side by side as on
 * single ones: each is done when the slowest of what it waits for is.
 *
 *     source       |--s--|--s--|--s--|                 from claim to send
 *     link               |-l-| |-l-| |-l-|
 *     destination            |---w---|---w---|---w---|
 *
 * @param deliver takes a message in on the destination's clock
 */
export function createVirtualChannel(
  link: VirtualLink,
  capacity: number,
  sourceClock: VirtualClock,
  destinationClock: VirtualClock,
  deliver: (message: Message) => void,
): VirtualChannel {
  const nsPerByte = link.bandwidth > 0 ? 1e9 / link.bandwidth : 0;
  const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
  const inFlight: { takenNs: number; bytes: number }[] = [];
  /** Where the first one is: those before it are forgotten together, for a device whose reads are short has millions. */
  let firstInFlight = 0;
  const replies: { arrivesNs: number; kind: number; value: number }[] = [];
  let inFlightBytes = 0;
  let linkFreeNs = 0;
  let transferred = 0;
  let claimedNs = 0;
  let failedNs = Infinity;
  let failure = 0;

  /** Forgets what the destination has taken in by the source's present moment. */
  function settle(): void {
    const now = sourceClock.nowNs();
    for (
      let first = inFlight[firstInFlight];
      first !== undefined && first.takenNs <= now;
      first = inFlight[firstInFlight]
    ) {
      inFlightBytes -= first.bytes;
      firstInFlight++;
    }
    if (firstInFlight === inFlight.length) {
      inFlightBytes = 0;
      forgetTaken();
    } else if (firstInFlight > MOST_FORGOTTEN) forgetTaken();
  }

  function forgetTaken(): void {
    inFlight.splice(0, firstInFlight);
    firstInFlight = 0;
  }

  /** Blocks the source, as a full socket does, until there is room for so many bytes. */
  function waitForRoom(bytes: number): void {
    settle();
    while (inFlightBytes + bytes > link.window) {
      const first = inFlight[firstInFlight];
      if (first === undefined) return;
      sourceClock.advanceTo(first.takenNs);
      settle();
    }
  }

  function setMessage(kind: number, device: number, length: number): void {
    message.kind = kind;
    message.device = device;
    message.length = length;
  }

  function sendOne(kind: number, device: number, length: number): number {
    waitForRoom(length);
    if (sourceClock.nowNs() >= failedNs) return -failure;
    linkFreeNs = Math.max(linkFreeNs, sourceClock.nowNs()) + length * nsPerByte;
    destinationClock.advanceTo(linkFreeNs + link.latency_ns);
    setMessage(kind, device, length);
    if (failure === 0) deliver(message);
    inFlight.push({ takenNs: destinationClock.nowNs(), bytes: length });
    inFlightBytes += length;
    return 0;
  }

  function sendBulk(kind: number, device: number, length: number, buffers: number): number {
    const sentNs = sourceClock.nowNs();
    if (sentNs >= failedNs) return -failure;
    const readNs = (sentNs - claimedNs) / buffers;
    const wireNs = length / buffers * nsPerByte;
    const firstNs = Math.max(linkFreeNs, claimedNs + readNs) + wireNs;
    const lastNs = Math.max(firstNs + (buffers - 1) * wireNs, sentNs + wireNs);
    destinationClock.advanceTo(firstNs + link.latency_ns);
    const startNs = destinationClock.nowNs();
    setMessage(kind, device, length);
    if (failure === 0) deliver(message);
    const loadNs = (destinationClock.nowNs() - startNs) / buffers;
    // Only so many buffers are under way at a time: where the way is long, that is what holds them up.
    const room = Math.max(1, Math.floor(link.window / (length / buffers)));
    const roundNs = (wireNs + link.latency_ns + loadNs) / room;
    destinationClock.advanceTo(
      Math.max(lastNs + link.latency_ns, startNs + (buffers - 1) * roundNs) + loadNs,
    );
    const doneNs = destinationClock.nowNs();
    const takeNs = (doneNs - startNs) / buffers;
    const underWay = Math.min(buffers, room);
    // The source could not send the last buffer before there was room for it.
    if (buffers > room) sourceClock.advanceTo(doneNs - room * takeNs);
    linkFreeNs = Math.max(lastNs, sourceClock.nowNs());
    inFlight.length = 0;
    firstInFlight = 0;
    const step = underWay / BULK_STEPS;
    for (let i = 1; i <= BULK_STEPS; i++) {
      inFlight.push({
        takenNs: doneNs - (BULK_STEPS - i) * step * takeNs,
        bytes: length / buffers * step,
      });
    }
    inFlightBytes = length / buffers * underWay;
    return 0;
  }

  function takeReply(reply: Reply): number {
    const first = replies[0];
    if (first === undefined || first.arrivesNs > sourceClock.nowNs()) return 0;
    reply.kind = first.kind;
    reply.value = first.value;
    replies.shift();
    return 1;
  }

  const sender: Sender = {
    capacity,
    hasReturnPath: true,
    bulk: { bandwidth: link.bandwidth },
    transferred: () => transferred,
    claim() {
      claimedNs = sourceClock.nowNs();
      return null;
    },
    send(kind, device, length, calls = 1) {
      const buffers = Math.min(calls, Math.ceil(length / capacity));
      const result = buffers > 1
        ? sendBulk(kind, device, length, buffers)
        : sendOne(kind, device, length);
      if (result === 0) transferred += length;
      return result;
    },
    pollReply: takeReply,
    waitReply(reply, timeout_ms) {
      const until = sourceClock.nowNs() + timeout_ms * 1e6;
      const first = replies[0];
      sourceClock.advanceTo(Math.min(first?.arrivesNs ?? Infinity, failedNs, until));
      if (takeReply(reply) === 1) return 1;
      return sourceClock.nowNs() >= failedNs ? -failure : 0;
    },
    finish() {},
    close() {},
  };

  return {
    sender,
    reply(kind, value) {
      replies.push({ arrivesNs: destinationClock.nowNs() + link.latency_ns, kind, value });
    },
    fail(errno) {
      failure = errno;
      failedNs = destinationClock.nowNs() + link.latency_ns;
    },
  };
}

/** What Linux gives a TCP socket at most by default, both ends together. */
export const DEFAULT_WINDOW = 10 * 1024 * 1024;
