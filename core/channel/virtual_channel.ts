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
  const replies: { arrivesNs: number; kind: number; value: number }[] = [];
  let inFlightBytes = 0;
  let linkFreeNs = 0;
  let transferred = 0;
  let failedNs = Infinity;
  let failure = 0;

  /** Forgets what the destination has taken in by the source's present moment. */
  function settle(): void {
    const now = sourceClock.nowNs();
    for (
      let first = inFlight[0];
      first !== undefined && first.takenNs <= now;
      first = inFlight[0]
    ) {
      inFlightBytes -= first.bytes;
      inFlight.shift();
    }
  }

  /** Blocks the source, as a full socket does, until there is room for so many bytes. */
  function waitForRoom(bytes: number): void {
    settle();
    while (inFlightBytes > 0 && inFlightBytes + bytes > link.window) {
      const first = inFlight[0];
      if (first === undefined) return;
      sourceClock.advanceTo(first.takenNs);
      settle();
    }
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
    transferred: () => transferred,
    claim: () => null,
    send(kind, device, length) {
      waitForRoom(length);
      if (sourceClock.nowNs() >= failedNs) return -failure;
      linkFreeNs = Math.max(linkFreeNs, sourceClock.nowNs()) + length * nsPerByte;
      destinationClock.advanceTo(linkFreeNs + link.latency_ns);
      message.kind = kind;
      message.device = device;
      message.length = length;
      if (failure === 0) deliver(message);
      transferred += length;
      inFlightBytes += length;
      inFlight.push({ takenNs: destinationClock.nowNs(), bytes: length });
      return 0;
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
