import { type Message, type Receiver } from "../mod.ts";
import type { Part } from "./sent_stream.ts";

export function blankMessage(): Message {
  return { kind: 0, device: 0, region: null, offset: 0, length: 0 };
}

/** Receives what there is: the parts, then what the last call gave. */
export function receiveParts(receiver: Receiver, parts: Part[]): number {
  const message = blankMessage();
  for (;;) {
    const got = receiver.receive(message);
    if (got !== 1) return got;
    const { kind, device, region, offset, length } = message;
    parts.push([kind, device, region?.bytes.slice(offset, offset + length).toHex() ?? "none"]);
    receiver.release();
  }
}
