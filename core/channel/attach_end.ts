import type { Receiver, Sender } from "./message.ts";
import type { ChannelEnd } from "./open_channel.ts";
import { createRingReceiver, createRingSender } from "./ring_channel.ts";
import type { StreamOptions } from "./stream_encoder.ts";

/**
 * The source's end of a channel, in a thread that has just begun. What a ring does not need is loaded where the
 * end is another: QEMU's stream format is 40 modules, half as many as all the rest of a migration.
 *
 * @throws {RangeError} If a device's id cannot stand in a stream
 */
export async function attachSender(end: ChannelEnd, options: StreamOptions = {}): Promise<Sender> {
  if (end.kind === "ring") {
    if (end.faults === undefined) return createRingSender(end.ends);
    const { createFaultyRingSender } = await import("./faulty_ring_sender.ts");
    return createFaultyRingSender(end.ends, end.faults);
  }
  const { senderOfStream } = await import("./stream_end.ts");
  return senderOfStream(end, options);
}

/** The destination's end, in the same way. */
export async function attachReceiver(end: ChannelEnd): Promise<Receiver> {
  if (end.kind === "ring") return createRingReceiver(end.ends);
  const { receiverOfStream } = await import("./stream_end.ts");
  return receiverOfStream(end);
}
