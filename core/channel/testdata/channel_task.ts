import type { ChannelEnd } from "../mod.ts";

/** What one half of a channel does in a Worker. */
export interface ChannelTask {
  readonly do: "send" | "receive" | "wait-reply";
  readonly end: ChannelEnd;
  /** `send`: how many messages; more than fit where it is to block. */
  readonly count: number;
  /** One i32 where the Worker counts what it has done so far. */
  readonly progress: SharedArrayBuffer;
}

export interface ChannelReport {
  /** What the last call answered. */
  readonly result: number;
  readonly messages: number;
  readonly bytes: number;
  readonly checksum: number;
}
