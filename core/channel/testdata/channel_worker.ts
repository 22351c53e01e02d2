/// <reference lib="deno.worker" />
/** One end of a channel, in a Worker of its own. */
import { createReceiver, createSender, MESSAGE, type Message, REPLY } from "../mod.ts";
import type { ChannelReport, ChannelTask } from "./channel_task.ts";

/** FNV-1a over 32-bit words would miss a swap within a word: over bytes, going on from `hash`. */
function hashBytes(hash: number, bytes: Uint8Array, offset: number, length: number): number {
  for (let i = offset; i < offset + length; i++) {
    hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  }
  return hash;
}

function send({ end, count, progress }: ChannelTask): ChannelReport {
  const sender = createSender(end);
  const done = new Int32Array(progress);
  let [result, messages, bytes, checksum, x] = [0, 0, 0, 0, 0x5eed];
  for (; messages < count; messages++) {
    // A device for each message, so that their order shows.
    sender.claim();
    result = sender.send(MESSAGE.SETUP, messages + 1, 0);
    if (result < 0) break;
    const region = sender.claim();
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    const length = (x >>> 8) % (sender.capacity + 1);
    if (region !== null) {
      for (let i = 0; i < length; i++) region.bytes[i] = (x + i * 31) >>> 3;
      checksum = hashBytes(checksum, region.bytes, 0, length);
    }
    result = sender.send(MESSAGE.DATA, messages + 1, length);
    if (result < 0) break;
    bytes += length;
    Atomics.add(done, 0, 1);
  }
  if (result === 0) {
    sender.claim();
    result = sender.send(MESSAGE.EOF, 0, 0);
  }
  sender.finish();
  if (result === 0 && sender.hasReturnPath) {
    const reply = { kind: 0, value: 0 };
    // The destination's word: it has everything.
    while ((result = sender.waitReply(reply, 1000)) === 0);
    if (result === 1 && reply.value !== (bytes & 0xffff)) result = -1;
  }
  sender.close();
  return { result, messages, bytes, checksum };
}

function receive({ end, progress }: ChannelTask): ChannelReport {
  const receiver = createReceiver(end);
  const done = new Int32Array(progress);
  const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
  let [result, messages, bytes, checksum] = [0, 0, 0, 0];
  Atomics.add(done, 0, 1);
  while ((result = receiver.receive(message)) === 1) {
    if (message.kind === MESSAGE.DATA) {
      if (message.region === null || message.device < messages) break;
      checksum = hashBytes(checksum, message.region.bytes, message.offset, message.length);
      bytes += message.length;
      messages = message.device;
    }
    receiver.release();
  }
  if (result === 0) receiver.reply(REPLY.SHUT, bytes & 0xffff);
  receiver.close();
  return { result, messages, bytes, checksum };
}

function waitReply({ end, progress }: ChannelTask): ChannelReport {
  const sender = createSender(end);
  Atomics.add(new Int32Array(progress), 0, 1);
  const result = sender.waitReply({ kind: 0, value: 0 }, 60_000);
  sender.close();
  return { result, messages: 0, bytes: 0, checksum: 0 };
}

const TASKS = { send, receive, "wait-reply": waitReply };

self.onmessage = ({ data }: MessageEvent<ChannelTask>) => {
  self.postMessage(TASKS[data.do](data));
};
