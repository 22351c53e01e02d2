import type { VirtualLink } from "../channel/mod.ts";
import type { Lane } from "../clock/mod.ts";
import type { Device } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import { callFailure, type Failure, MigrationError, reasonFailure } from "./migration_error.ts";
import {
  createReassembly,
  createSendJobs,
  endSave,
  finishJob,
  insertBuffer,
  NEXT,
  nextBuffer,
  noteWritten,
  type Reassembly,
  takeChannel,
} from "./multifd/mod.ts";
import type { MultifdLoad, MultifdSave } from "./multifd_transfer.ts";
import { setState } from "./set_state.ts";
import { cancelled, isCancelled, note, type SourceRun } from "./source_run.ts";
import { createChannelFates, type VirtualMultifdFaults } from "./virtual_multifd_faults.ts";
import { createInterruptions, isInterrupted } from "./uninterrupted.ts";

const { STOP, STOP_COPY } = DEVICE_STATE;

/** A buffer's way takes at most about so many steps for a device, however large its state is. */
const STEPS = 512;

/** A device and the clock that it goes by, which can go its own way. */
export interface VirtualDevice {
  readonly device: Device;
  readonly lane: Lane;
}

export interface VirtualMultifdPlan {
  readonly sources: readonly VirtualDevice[];
  readonly destinations: readonly VirtualDevice[];
  readonly link: VirtualLink;
  readonly channels: number;
  readonly bufferSize: number;
  /** The most a device's buffers may wait in at the destination, in bytes; 0 = no limit. */
  readonly maxQueuedBytes: number;
  /** What goes wrong on the channels; nothing unless given. */
  readonly faults?: VirtualMultifdFaults;
}

/** Both ends of multifd on simulated time. */
export interface VirtualMultifd {
  readonly save: MultifdSave;
  readonly load: MultifdLoad;
}

/** What facts say of the wire: 288 bytes before each buffer's own. */
const HEAD_BYTES = 288;

/** A device on its way: its save thread, and its load thread at the other end. */
interface Way {
  readonly index: number;
  readonly source: VirtualDevice;
  readonly destination: VirtualDevice;
  /** How many buffers a step stands for. */
  buffers: number;
  done: boolean;
  bytes: number;
  beganNs: number;
  endNs: number;
  /** The idx of its next buffer. */
  idx: number;
  readonly buffersThere: Reassembly;
  /** When the buffers that are queued there will have been written, in order. */
  readonly writtenNs: number[];
  loadBeganNs: number | null;
}

/**
 * Device state over channels of its own on simulated time. Every device is read by a thread of its own, a
 * buffer takes the first channel that is free, and what arrives is written by the device's own load thread,
 * not before SWITCHOVER_START:
 *
 *     save lane  |--read--|--read--|          |--read--|     (waits where no channel is free)
 *     channels            |--wire--|--wire--|      |--wire--|
 *     load lane                    |--write--|--write--|--write--|
 *
 * The channels share the link; RAM, which goes over the main one meanwhile, is not taken from it. The config
 * has no bytes here, and loading it costs nothing but what the host's own config costs.
 */
export function createVirtualMultifd(plan: VirtualMultifdPlan): VirtualMultifd {
  const nsPerByte = plan.link.bandwidth > 0 ? 1e9 / plan.link.bandwidth : 0;
  const channelFreeNs = new Array<number>(plan.channels).fill(0);
  const jobs = createSendJobs(plan.channels, plan.sources.length);
  let ways: Way[] = [];
  let linkFreeNs = 0;
  let switchoverNs = Infinity;
  let transferred = 0;
  let loadFailure: Failure | null = null;
  /** The save thread that is at work. */
  let atWork: Lane | null = null;
  const fates = plan.faults === undefined ? null : createChannelFates(
    plan.faults,
    () => atWork?.nowNs() ?? 0,
    (momentNs) => atWork?.advanceTo(momentNs),
    (failure) => loadFailure ??= failure,
  );
  const interruptions = createInterruptions();

  function begin(source: VirtualDevice, index: number): Way {
    const destination = plan.destinations[index];
    if (destination === undefined) {
      throw new TypeError(`Cannot load device ${index}: there is none`);
    }
    source.lane.split();
    destination.lane.split();
    return {
      index,
      source,
      destination,
      buffers: 1,
      done: false,
      bytes: 0,
      beganNs: source.lane.nowNs(),
      endNs: 0,
      idx: 0,
      buffersThere: createReassembly({ maxQueuedBytes: plan.maxQueuedBytes || Infinity }),
      writtenNs: [],
      loadBeganNs: null,
    };
  }

  /** One step of a save thread: into STOP_COPY, or one read and its way to the other end. */
  function step(run: SourceRun, way: Way): void {
    const { device, lane } = way.source;
    atWork = lane;
    run.onPlace?.("load");
    if (isCancelled(run)) throw cancelled("switchover");
    if (device.getState() !== STOP_COPY) {
      const failure = setState(device, STOP_COPY, STOP, "stop-copy", run);
      if (failure !== null) throw new MigrationError(failure);
    }
    if (way.bytes === 0) {
      way.buffers = fates === null ? buffersPerStep(run, device, plan.bufferSize) : 1;
    }
    let n: number;
    do n = device.read(null, plan.bufferSize, way.buffers); while (isInterrupted(interruptions, n));
    if (n < 0) throw new MigrationError(callFailure("read", device.id, "stop-copy", "read", n));
    if (n === 0) {
      way.done = true;
      endSave(jobs, way.index, 0);
      // The config has no bytes here, and the next idx.
      receive(way, 0, true, lane.nowNs() + plan.link.latency_ns);
      way.endNs = lane.nowNs();
      return;
    }
    way.bytes += n;
    send(way, n);
  }

  /** Over an idle channel: where there is none the save thread waits for the first, and only then reads on. */
  function send(way: Way, n: number): void {
    const { lane } = way.source;
    finishJobsBy(lane.nowNs());
    let channel = takeChannel(jobs);
    if (channel === -ERRNO.EAGAIN) {
      lane.advanceTo(Math.min(...channelFreeNs));
      finishJobsBy(lane.nowNs());
      channel = takeChannel(jobs);
    }
    const wireBytes = n + HEAD_BYTES * Math.ceil(n / plan.bufferSize);
    const fate = fates?.next(channel, way.index + 1, wireBytes, HEAD_BYTES) ?? null;
    linkFreeNs = Math.max(linkFreeNs, lane.nowNs()) + wireBytes * nsPerByte;
    const arrivesNs = linkFreeNs + (fate?.delayNs ?? 0);
    channelFreeNs[channel] = arrivesNs;
    transferred += wireBytes;
    loadFailure ??= fate?.loadFailure ?? null;
    if (fate?.isLost === true) way.idx++;
    else receive(way, n, false, arrivesNs + plan.link.latency_ns);
  }

  function finishJobsBy(nowNs: number): void {
    for (const [channel, freeNs] of channelFreeNs.entries()) {
      if (freeNs <= nowNs) finishJob(jobs, channel);
    }
  }

  /** A buffer arrives: it is queued, and written as soon as the load thread comes to it. */
  function receive(way: Way, n: number, isConfig: boolean, arrivesNs: number): void {
    if (loadFailure !== null) return;
    const { device, lane } = way.destination;
    const queue = way.buffersThere;
    takeWritten(way, arrivesNs);
    const inserted = insertBuffer(queue, way.idx++, isConfig, n, 0);
    if (inserted < 0) {
      const failure = callFailure("queue a buffer", device.id, "load", "multifd", inserted);
      loadFailure = { ...failure, message: `${failure.message}: ${queue.reason}` };
      return;
    }
    lane.advanceTo(Math.max(arrivesNs, switchoverNs));
    if (isConfig) return;
    way.loadBeganNs ??= lane.nowNs();
    for (let done = 0; done < n;) {
      const written = device.write(null, done, n - done);
      if (isInterrupted(interruptions, written)) continue;
      if (written <= 0) {
        loadFailure = callFailure("write", device.id, "load", "write", written || -ERRNO.EIO);
        return;
      }
      done += written;
    }
    way.writtenNs.push(lane.nowNs());
  }

  return {
    save: {
      start() {
        ways = plan.sources.map(begin);
      },
      join(run) {
        try {
          for (let way = farthestBack(ways); way !== null; way = farthestBack(ways)) step(run, way);
        } finally {
          for (const way of ways) way.source.lane.join();
        }
        for (const way of ways) {
          const d = run.sourceDevices[way.index];
          if (d === undefined) continue;
          d.stopCopyBytes = way.bytes;
          d.saveNs = way.endNs - way.beganNs;
        }
        if (isCancelled(run)) throw cancelled("switchover");
        note(run, "multifd_saved");
      },
      transferred: () => transferred,
    },
    load: {
      start(run) {
        switchoverNs = run.clock.nowNs();
      },
      join(run) {
        for (const way of ways) {
          const d = run.destinationDevices[way.index];
          if (d !== undefined) {
            d.loadedBytes += way.bytes;
            const loadEndedNs = way.destination.lane.nowNs();
            d.load.ownNs += loadEndedNs - switchoverNs;
            d.multifd = {
              queuedPeakBytes: way.buffersThere.peakQueuedBytes,
              loadBeganNs: way.loadBeganNs,
              loadEndedNs,
            };
          }
          way.destination.lane.join();
          takeWritten(way, Infinity);
          if (loadFailure === null && nextBuffer(way.buffersThere) !== NEXT.CONFIG) {
            loadFailure = reasonFailure(
              `Cannot load ${way.destination.device.id}: its buffers are not complete`,
              "load",
              way.destination.device.id,
            );
          }
        }
        if (loadFailure !== null) throw new MigrationError(loadFailure);
      },
      abort: () => loadFailure,
    },
  };
}

/** What has been written by then does not wait any more. */
function takeWritten({ buffersThere, writtenNs }: Way, nowNs: number): void {
  for (let first = writtenNs[0]; first !== undefined && first <= nowNs; first = writtenNs[0]) {
    writtenNs.shift();
    nextBuffer(buffersThere);
    noteWritten(buffersThere, buffersThere.length);
  }
}

/** The save thread that goes on next, so that channels are taken in the order of time. */
function farthestBack(ways: readonly Way[]): Way | null {
  let least: Way | null = null;
  for (const way of ways) {
    if (way.done) continue;
    if (least === null || way.source.lane.nowNs() < least.source.lane.nowNs()) least = way;
  }
  return least;
}

/** One, but for states so large that it would take too many steps; the size may be wrong, and hardly matters. */
function buffersPerStep(run: SourceRun, device: Device, bufferSize: number): number {
  if (device.getDataSize(run.size) < 0 || run.size.stopCopyLength < 0) return 1;
  return Math.max(1, Math.ceil(run.size.stopCopyLength / bufferSize / STEPS));
}
