import { ERRNO } from "../../libc/mod.ts";

// The words, in order; then a word for each channel, then one for each device.
const CHANNEL_COUNT = 0;
const NEXT_CHANNEL = 1;
const ABORT = 2;
const ABORTER = 3;
const CHANGES = 4;
const RUNNING = 5;
const HEADER_WORDS = 6;

/** The word that changes whenever a channel becomes idle, a save ends, or all are aborted: to wait on. */
export const SEND_CHANGES_WORD = CHANGES;

/**
 * Who sends what next: the channels' outstanding jobs, and the flag that stops all saves.
 *
 * All of it is in words that Workers can share. Within one thread it is the same without them; nothing waits
 * here. To wait for a channel:
 *
 * ```text
 *   seen = Atomics.load(words, SEND_CHANGES_WORD)
 *   channel = takeChannel(jobs)
 *   if it is -EAGAIN: Atomics.wait(words, SEND_CHANGES_WORD, seen), and again
 *   elsewhere: finishJob(jobs, channel), Atomics.notify(words, SEND_CHANGES_WORD)
 * ```
 */
export interface SendJobs {
  readonly words: Int32Array;
  readonly channelCount: number;
}

/**
 * Makes the words in shared memory, all channels idle; each thread attaches with {@linkcode attachSendJobs}.
 *
 * @param channelCount How many channels, 1 or more
 * @param saveCount How many devices will be saved
 * @throws {RangeError} If there is no channel
 */
export function createSendJobs(channelCount: number, saveCount: number): SendJobs {
  if (!Number.isInteger(channelCount) || channelCount < 1) {
    throw new RangeError(`Cannot send over channels as 1 or more: received ${channelCount}`);
  }
  const words = new Int32Array(new SharedArrayBuffer((HEADER_WORDS + channelCount) * 4));
  words[CHANNEL_COUNT] = channelCount;
  words[RUNNING] = saveCount;
  words[ABORTER] = -1;
  return attachSendJobs(words);
}

/** The same jobs in another thread. */
export function attachSendJobs(words: Int32Array): SendJobs {
  return { words, channelCount: words[CHANNEL_COUNT] ?? 0 };
}

/**
 * Gives a job to the next idle channel: the search begins behind the one that got the last job (facts). A channel has one job at most.
 *
 * @example Two channels
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ERRNO } from "../../libc/mod.ts";
 * import { createSendJobs, finishJob, takeChannel } from "./send_jobs.ts";
 *
 * const jobs = createSendJobs(2, 1);
 * assertEquals([takeChannel(jobs), takeChannel(jobs), takeChannel(jobs)], [0, 1, -ERRNO.EAGAIN]);
 * finishJob(jobs, 1);
 * assertEquals(takeChannel(jobs), 1);
 * ```
 *
 * @param jobs The jobs
 * @returns The channel, -EAGAIN where none is idle, or -ECANCELED once all are aborted
 */
export function takeChannel(jobs: SendJobs): number {
  const { words, channelCount } = jobs;
  if (saveAborted(jobs) !== 0) return -ERRNO.ECANCELED;
  const first = Atomics.load(words, NEXT_CHANNEL);
  for (let i = 0; i < channelCount; i++) {
    const channel = (first + i) % channelCount;
    if (Atomics.compareExchange(words, HEADER_WORDS + channel, 0, 1) !== 0) continue;
    Atomics.store(words, NEXT_CHANNEL, (channel + 1) % channelCount);
    return channel;
  }
  return -ERRNO.EAGAIN;
}

/**
 * Takes a channel's job as sent: the channel is idle.
 *
 * @param jobs The jobs
 * @param channel The channel
 * @returns 0, or -EINVAL if it had no job
 */
export function finishJob(jobs: SendJobs, channel: number): number {
  const { words, channelCount } = jobs;
  if (!(channel >= 0 && channel < channelCount)) return -ERRNO.EINVAL;
  if (Atomics.exchange(words, HEADER_WORDS + channel, 0) === 0) return -ERRNO.EINVAL;
  Atomics.add(words, CHANGES, 1);
  return 0;
}

/** How many channels have a job. */
export function pendingJobs({ words, channelCount }: SendJobs): number {
  let pending = 0;
  for (let channel = 0; channel < channelCount; channel++) {
    pending += Atomics.load(words, HEADER_WORDS + channel);
  }
  return pending;
}

/**
 * Stops all saves before their next buffer. The first reason is the one that counts.
 *
 * @param jobs The jobs
 * @param errno Why: a negative errno
 * @param device Whose save failed, or -1 for no device's
 */
export function abortSaves(jobs: SendJobs, errno: number, device: number): void {
  const { words } = jobs;
  if (Atomics.compareExchange(words, ABORT, 0, errno) === 0) Atomics.store(words, ABORTER, device);
  Atomics.add(words, CHANGES, 1);
}

/** Whether the saves are stopped: 0, or the negative errno of the first reason. */
export function saveAborted(jobs: SendJobs): number {
  return Atomics.load(jobs.words, ABORT);
}

/** The device whose save failed first, once all are joined; -1 where it was none's. */
export function saveAborter(jobs: SendJobs): number {
  return Atomics.load(jobs.words, ABORTER);
}

/**
 * Takes a device's save as ended. A failed one aborts the others.
 *
 * @param jobs The jobs
 * @param device The device
 * @param result 0, or the negative errno that it failed with
 */
export function endSave(jobs: SendJobs, device: number, result: number): void {
  if (result < 0) abortSaves(jobs, result, device);
  Atomics.sub(jobs.words, RUNNING, 1);
  Atomics.add(jobs.words, CHANGES, 1);
}

/** How many saves have not ended: at 0 all are joined. */
export function savesRunning(jobs: SendJobs): number {
  return Atomics.load(jobs.words, RUNNING);
}
