import type { SendJobs } from "../multifd/mod.ts";

/** What a channel's mailbox holds. */
export const MAIL = { EMPTY: 0, JOB: 1, STOP: 2 } as const;

const STATE = 0;
const MAILBOX_WORDS = 8;
/** A net below the wake-ups, and how soon a thread sees that the channels were broken. */
const SLICE_MS = 50;

/** A buffer that a channel is to send. */
export interface Job {
  device: number;
  idx: number;
  isConfig: boolean;
  length: number;
  /** The pool's slot that its bytes are in; -1 for a buffer without bytes. */
  slot: number;
}

/**
 * A place for one job beside each channel, in words that threads share. Who got the channel from `takeChannel`
 * puts its job there; the channel's thread sends it, empties the mailbox and calls `finishJob`.
 */
export interface Mailboxes {
  readonly words: Int32Array<SharedArrayBuffer>;
}

/** One empty mailbox for each channel. */
export function createMailboxes({ channelCount }: SendJobs): Mailboxes {
  return { words: new Int32Array(new SharedArrayBuffer(channelCount * MAILBOX_WORDS * 4)) };
}

/** Puts a job where there is none. */
export function putJob({ words }: Mailboxes, channel: number, job: Readonly<Job>): void {
  const at = channel * MAILBOX_WORDS;
  words[at + 1] = job.device;
  words[at + 2] = job.idx;
  words[at + 3] = job.isConfig ? 1 : 0;
  words[at + 4] = job.length;
  words[at + 5] = job.slot;
  Atomics.compareExchange(words, at + STATE, MAIL.EMPTY, MAIL.JOB);
  Atomics.notify(words, at + STATE);
}

/** Waits a little for what the mailbox gets: one of {@linkcode MAIL}; a job is filled in. */
export function awaitMail({ words }: Mailboxes, channel: number, job: Job): number {
  const at = channel * MAILBOX_WORDS;
  Atomics.wait(words, at + STATE, MAIL.EMPTY, SLICE_MS);
  const state = Atomics.load(words, at + STATE);
  if (state !== MAIL.JOB) return state;
  job.device = words[at + 1] ?? 0;
  job.idx = (words[at + 2] ?? 0) >>> 0;
  job.isConfig = words[at + 3] === 1;
  job.length = words[at + 4] ?? 0;
  job.slot = words[at + 5] ?? 0;
  return state;
}

/** Takes a job out; a stop that came meanwhile stays. */
export function emptyMailbox({ words }: Mailboxes, channel: number): void {
  Atomics.compareExchange(words, channel * MAILBOX_WORDS + STATE, MAIL.JOB, MAIL.EMPTY);
}

/** Has every channel's thread end; a job that it is at, it still finishes. */
export function stopMailboxes({ words }: Mailboxes): void {
  for (let at = 0; at < words.length; at += MAILBOX_WORDS) {
    Atomics.store(words, at + STATE, MAIL.STOP);
    Atomics.notify(words, at + STATE);
  }
}
