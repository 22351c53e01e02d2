/** What the harness is measured on: the channels that move bytes within this machine. */
export const CHANNELS = ["ring", "unix", "tcp"] as const;
export type Channel = typeof CHANNELS[number];

/** What it is held against; `rivals.ts` says what each of them is. */
export const RIVAL_NAMES = ["c-twin", "qemu-path", "pipe-to", "ringbuf"] as const;
export type RivalName = typeof RIVAL_NAMES[number];

/** One thing to measure: a channel with buffers of a size, in bytes. */
export interface Point {
  readonly channel: Channel;
  readonly buffer_size: number;
}
