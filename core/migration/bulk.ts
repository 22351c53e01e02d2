/**
 * How many buffers or passes one step may stand for, where no bytes move and nothing can change in
 * between: the virtual clock would otherwise take a terabyte a buffer at a time. On the wall clock it is
 * always 1.
 *
 * @module
 */

import { WINDOW_MS } from "./bandwidth_window.ts";
import { RATE_LIMIT_OFF } from "./rate_limit.ts";
import { isPast, sentBytes, type SourceRun, thresholdOptions } from "./source_run.ts";

/** So many that a read ends for another reason first: the end of a record, or of the stream. */
const MANY = 2 ** 30;

/** What steps took lately, so that the next one ends about where it should. */
export interface Stride {
  /** How many the last step stood for. */
  steps: number;
  /** What one of them took, in nanoseconds. */
  stepNs: number;
}

export function createStride(): Stride {
  return { steps: 1, stepNs: 0 };
}

/** Takes in that so many steps took so long. */
export function noteStride(stride: Stride, steps: number, tookNs: number): void {
  stride.steps = steps;
  stride.stepNs = tookNs / steps;
}

/** How many steps fit into a time. At most twice the last: what they took may only have been luck. */
export function stepsWithin(stride: Readonly<Stride>, leftNs: number): number {
  const fit = stride.stepNs > 0 ? Math.floor(leftNs / stride.stepNs) : MANY;
  return Math.max(1, Math.min(2 * stride.steps, fit));
}

/** How many buffers a read may stand for after the switchover, where only the stream's end matters. */
export function buffersToTheEnd({ sender, options }: SourceRun): number {
  return sender.bulk === null || options.cancelAtMs !== Infinity ? 1 : MANY;
}

/** How many buffers of RAM may go at once, within what is left of its slice and of the quota. */
export function ramBuffers(run: SourceRun, leftNs: number): number {
  if (run.sender.bulk === null) return 1;
  return Math.min(stepsWithin(run.ramStride, leftNs), quotaBuffers(run));
}

/**
 * How many passes the coming one may stand for: as long as it is certain that each of them only reads one
 * buffer of each device, because no device comes to the end of what its answers announced, and the total
 * stays above the threshold. That may change when a window closes, unless the total is above what it could
 * be at the link's full bandwidth.
 */
export function passesAhead(run: SourceRun): number {
  const { pending, sender, ram, options } = run;
  if (sender.bulk === null || (ram !== null && ram.pendingBytes() > 0)) return 1;
  const announced = announcedBytes(run);
  // With bit 63 set a size says nothing.
  if (announced <= 0 || pending.total < 0) return 1;
  const ceiling = highestThreshold(run, sender.bulk.bandwidth);
  const isFarAbove = pending.total > ceiling && !awaitsAck(run);
  const untilNs = Math.min(isFarAbove ? deadlineNs(run) : windowEndNs(run), nextActNs(run));
  const margin = pending.total - (isFarAbove ? ceiling : run.window.threshold) - 1;
  const passes = Math.min(
    Math.floor(announced / options.bufferSize),
    Math.floor(margin / options.bufferSize),
    quotaBuffers(run),
    stepsWithin(run.passStride, untilNs - run.clock.nowNs()),
  );
  return Math.max(1, passes);
}

/**
 * What the one device announced that has something to give: 0 where there is none, or several, which take
 * turns as a bulk of each would not.
 */
function announcedBytes(run: SourceRun): number {
  let bytes = 0;
  for (const { cache } of run.sourceDevices) {
    if (!cache.inPrecopy) continue;
    const announced = cache.initialBytes !== 0 ? cache.initialBytes : cache.dirtyBytes;
    if (announced === 0) continue;
    if (bytes !== 0) return 0;
    bytes = announced;
  }
  return bytes;
}

/** What the threshold can be at most while the link carries no more than this. */
function highestThreshold(run: SourceRun, linkBandwidth: number): number {
  const { availSwitchoverBandwidth, downtimeLimitMs } = thresholdOptions(run);
  if (availSwitchoverBandwidth === 0 && linkBandwidth === 0) return Infinity;
  return (availSwitchoverBandwidth || linkBandwidth) / 1000 * downtimeLimitMs;
}

/** When somebody pauses the guest, sets another downtime limit or cancels the migration. */
function nextActNs(run: SourceRun): number {
  const { startNs, options, ack } = run;
  const pausedMs = ack.guestRunning ? options.guestPausedAtMs : Infinity;
  const laterMs = options.laterDowntimeLimit?.atMs ?? Infinity;
  const changesMs = isPast(run, laterMs) ? Infinity : laterMs;
  return startNs + Math.min(pausedMs, changesMs, options.cancelAtMs) * 1e6;
}

/** Whether an ack may be on its way. */
function awaitsAck({ ack, sourceDevices }: SourceRun): boolean {
  return ack.capability && ack.pending > 0 && sourceDevices.some((d) => d.cache.initDataSent);
}

/** When the window is old enough to be closed. */
export function windowEndNs({ window }: SourceRun): number {
  return (window.startMs + WINDOW_MS) * 1e6;
}

/** The moment by which the source has switched over, or fails. */
export function deadlineNs({ startNs, options }: SourceRun): number {
  return startNs + options.maxTimeMs * 1e6;
}

function quotaBuffers(run: SourceRun): number {
  if (run.quota === RATE_LIMIT_OFF) return MANY;
  const left = run.window.startBytes + run.quota - sentBytes(run);
  return Math.max(1, Math.floor(left / run.options.bufferSize));
}
