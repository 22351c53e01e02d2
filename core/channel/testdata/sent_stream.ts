import { assertEquals } from "@std/assert";
import { SHUT, shutdown } from "../../libc/mod.ts";
import { createSender, MESSAGE, type Sender, type StreamOptions } from "../mod.ts";
import type { Sent } from "./migrations.ts";
import { fdOf, readBytes } from "./raw_peer.ts";
import { withChannel } from "./with_channel.ts";

/** Bytes that look like framing: tags, footers, zeroes. */
const PATTERN = Uint8Array.fromHex("ffffffffef1000017e00000001000200000001ffffffffef100004");

/** The n-th message's bytes. */
export function bytesOf(n: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => PATTERN[(n * 7 + i) % PATTERN.length] ?? 0);
}

/** Sends a message with the given bytes; what `send` says. */
export function sendBytes(
  sender: Sender,
  kind: number,
  device: number,
  bytes: Uint8Array = new Uint8Array(),
): number {
  sender.claim()?.bytes.set(bytes);
  return sender.send(kind, device, bytes.length);
}

/** Sends messages to a raw peer over a socket: the bytes that it gets, up to the sender's `finish`. */
export async function streamOf(
  messages: readonly Sent[],
  options?: StreamOptions,
): Promise<Uint8Array> {
  let stream = new Uint8Array();
  await withChannel("unix", { bufferSize: 4096 }, ({ source, destination }) => {
    const sender = createSender(source, options);
    for (const [n, { kind, device, length }] of messages.entries()) {
      assertEquals(sendBytes(sender, kind, device, bytesOf(n, length)), 0);
    }
    sender.finish();
    shutdown(fdOf(source), SHUT.SHUT_WR);
    stream = new Uint8Array(readBytes(fdOf(destination)));
    assertEquals(sender.transferred(), stream.length);
    sender.close();
  });
  return stream;
}

const WITH_BYTES: readonly number[] = [MESSAGE.DATA, MESSAGE.CONFIG, MESSAGE.RAM];

/** A message or a part of one, as text: its kind, its device, and what bytes it has. */
export type Part = readonly [kind: number, device: number, hex: string];

/** Messages with the bytes of those joined that cannot be told from parts of one. */
export function joined(parts: readonly Part[]): Part[] {
  const whole: Part[] = [];
  for (const [kind, device, hex] of parts) {
    const last = whole.at(-1);
    if (last?.[0] === kind && last[1] === device && WITH_BYTES.includes(kind)) {
      whole[whole.length - 1] = [kind, device, last[2] + hex];
    } else {
      whole.push([kind, device, hex]);
    }
  }
  return whole;
}

/** What is to come out where these messages went in. */
export function expectedOf(messages: readonly Sent[]): Part[] {
  return joined(
    messages.map(({ kind, device, length }, n) => [kind, device, bytesOf(n, length).toHex()]),
  );
}
