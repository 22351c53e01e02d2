import type { Region } from "../libc/mod.ts";

/** What the source tells the destination. Every message names a device by its place in the migration; RAM and the guest are device 0. */
export const MESSAGE = {
  /** The device will be saved. */
  SETUP: 1,
  /** Bytes read from the device's data_fd. */
  DATA: 2,
  /** The device's initial data has all been sent; the destination answers when it is loaded. */
  INIT_DATA_SENT: 3,
  /** The source has decided; the guest is stopped. */
  SWITCHOVER_START: 4,
  /** The device's data_fd came to its end. */
  END_OF_STATE: 5,
  /** Bytes of the device's configuration, after its state. */
  CONFIG: 6,
  /** Pages of guest RAM. */
  RAM: 7,
  /** Everything has been sent: the destination may run. */
  EOF: 8,
} as const;

/** What the destination answers. */
export const REPLY = {
  /** Initial data is loaded: one for all devices (legacy), or one for each INIT_DATA_SENT (reusable). */
  SWITCHOVER_ACK: 1,
  /** The destination is done; value 0 if it runs, else the errno of what failed. */
  SHUT: 2,
} as const;

/** A message as the receiver sees it; one record, filled again for each. */
export interface Message {
  kind: number;
  device: number;
  /** The bytes: `length` of them from `offset` in the region. A long message may come in several parts. */
  region: Region | null;
  offset: number;
  length: number;
}

export interface Reply {
  kind: number;
  value: number;
}

/**
 * The source's end of a channel. Calls give a negative errno where the channel is broken: -EPIPE when the
 * destination is gone, -ECANCELED when the trial was stopped, or what the destination failed with.
 */
export interface Sender {
  /** Bytes handed over so far, framing included: what a bandwidth estimate counts. */
  transferred(): number;
  /** Where the next message's bytes are to be put, or null where the channel is broken: then `send` says why. */
  claim(): Region | null;
  /** How much fits in what `claim` gives. */
  readonly capacity: number;
  /**
   * Where no bytes move (virtual channel) a call may stand for many buffers, at no more than this
   * bandwidth, in bytes per second (0 = no limit). null elsewhere: there `calls` is always 1.
   */
  readonly bulk: { readonly bandwidth: number } | null;
  /**
   * Hands over the claimed region's first `length` bytes as one message; 0 or a negative errno (-EMSGSIZE
   * above `capacity`). In bulk, `length` bytes went through `calls` buffers since `claim`.
   */
  send(kind: number, device: number, length: number, calls?: number): number;
  /** Looks for a reply without waiting: 1 if there was one, 0 if not, or a negative errno. */
  pollReply(reply: Reply): number;
  /** Waits for a reply: 1, 0 when the time is up, or a negative errno. */
  waitReply(reply: Reply, timeout_ms: number): number;
  /** Why replies are -EPROTO or -ECONNRESET, as a sentence; null or absent where there is nothing to say. */
  lastError?(): string | null;
  /** Whether replies can come at all (a file has no way back). */
  readonly hasReturnPath: boolean;
  /** No message follows. */
  finish(): void;
  close(): void;
}

/** The destination's end of a channel. */
export interface Receiver {
  /** Waits for the next message: 1, 0 once the source has finished, or a negative errno. */
  receive(message: Message): number;
  /** Why `receive` is -EPROTO or -ECONNRESET, as a sentence; null or absent where there is nothing to say. */
  lastError?(): string | null;
  /** The last message's bytes are not needed any more. */
  release(): void;
  /** Answers; 0 or a negative errno. */
  reply(kind: number, value: number): number;
  /** Gives up: the source's calls fail with this errno, or the channel's own word for a peer that is gone. */
  fail(errno: number): void;
  close(): void;
}
