// Opens, uses, breaks and closes every kind of channel, round after round, and fails to open some.
import { close, countOpenFds, ERRNO } from "../../libc/mod.ts";
import {
  breakChannel,
  type ChannelKind,
  closeChannel,
  createReceiver,
  createSender,
  MESSAGE,
  type Message,
  openChannel,
} from "../mod.ts";
import { takePort } from "./taken_port.ts";

/** What the test reads from stdout. */
export interface FdReport {
  readonly rounds: number;
  readonly before: number;
  readonly after: number;
  /** Channels that did not open, as they should not. */
  readonly refused: number;
}

const ROUNDS = 30;
const path = Deno.makeTempFileSync();
const taken = takePort();
let refused = 0;

function open(kind: ChannelKind, port: number, path: string): ReturnType<typeof openChannel> {
  return openChannel({ kind, bufferSize: 4096, ringSlots: 0, port, path });
}

function useAndClose(kind: ChannelKind): void {
  const channel = open(kind, 0, path);
  const sender = createSender(channel.source);
  const receiver = createReceiver(channel.destination);
  const message: Message = { kind: 0, device: 0, region: null, offset: 0, length: 0 };
  sender.claim();
  if (sender.send(MESSAGE.RAM, 0, 100) !== 0) throw new Error(`Cannot send over ${kind}`);
  if (receiver.receive(message) !== 1) throw new Error(`Cannot receive over ${kind}`);
  receiver.release();
  breakChannel(channel, ERRNO.EIO);
  sender.close();
  receiver.close();
  closeChannel(channel);
}

function refuse(kind: ChannelKind, port: number, path: string): void {
  try {
    open(kind, port, path);
  } catch {
    refused++;
  }
}

function round(): void {
  for (const kind of ["ring", "unix", "tcp", "file"] as const) useAndClose(kind);
  refuse("tcp", taken.port, "");
  refuse("file", 0, `${path}/none`);
}

round();
refused = 0;
const before = countOpenFds();
for (let i = 0; i < ROUNDS; i++) round();
const after = countOpenFds();
close(taken.fd);
Deno.removeSync(path);

const report: FdReport = { rounds: ROUNDS, before, after, refused };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(report)));
