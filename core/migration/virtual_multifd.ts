import type { VirtualLink } from "../channel/mod.ts";
import type { Lane } from "../clock/mod.ts";
import type { Device } from "../device/mod.ts";
import { ERRNO } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import { callFailure, type Failure, MigrationError, reasonFailure } from "./migration_error.ts";
import type { MultifdLoad, MultifdSave } from "./multifd_transfer.ts";
import { setState } from "./set_state.ts";
import { cancelled, isCancelled, note, type SourceRun } from "./source_run.ts";

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
}

/** Both ends of multifd on simulated time, and what they moved. */
export interface VirtualMultifd {
  readonly save: MultifdSave;
  readonly load: MultifdLoad;
  transferredBytes(): number;
  /** The most that waited at the destination of any one device. */
  queuedPeakBytes(): number;
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
  /** Buffers that have arrived and are not written yet at a later moment: when, and how many bytes. */
  readonly queue: { readonly writtenNs: number; readonly bytes: number }[];
  queuedBytes: number;
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
  let ways: Way[] = [];
  let linkFreeNs = 0;
  let switchoverNs = Infinity;
  let transferred = 0;
  let peak = 0;
  let loadFailure: Failure | null = null;

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
      queue: [],
      queuedBytes: 0,
    };
  }

  /** One step of a save thread: into STOP_COPY, or one read and its way to the other end. */
  function step(run: SourceRun, way: Way): void {
    const { device, lane } = way.source;
    if (device.getState() !== STOP_COPY) {
      const failure = setState(device, STOP_COPY, STOP, "stop-copy");
      if (failure !== null) throw new MigrationError(failure);
    }
    if (way.bytes === 0) way.buffers = buffersPerStep(run, device, plan.bufferSize);
    const n = device.read(null, plan.bufferSize, way.buffers);
    if (n < 0) throw new MigrationError(callFailure("read", device.id, "stop-copy", "read", n));
    if (n === 0) {
      way.done = true;
      way.endNs = lane.nowNs();
      return;
    }
    way.bytes += n;
    send(way, n);
  }

  /** Over the channel that is free first: the save thread waits for it, and then reads on. */
  function send(way: Way, n: number): void {
    const { lane } = way.source;
    const channel = channelFreeNs.indexOf(Math.min(...channelFreeNs));
    lane.advanceTo(channelFreeNs[channel] ?? 0);
    const wireBytes = n + HEAD_BYTES * Math.ceil(n / plan.bufferSize);
    linkFreeNs = Math.max(linkFreeNs, lane.nowNs()) + wireBytes * nsPerByte;
    channelFreeNs[channel] = linkFreeNs;
    transferred += wireBytes;
    if (loadFailure === null) load(way, n, linkFreeNs + plan.link.latency_ns);
  }

  function load(way: Way, n: number, arrivesNs: number): void {
    const { device, lane } = way.destination;
    while (way.queue[0] !== undefined && way.queue[0].writtenNs <= arrivesNs) {
      way.queuedBytes -= way.queue.shift()?.bytes ?? 0;
    }
    way.queuedBytes += n;
    peak = Math.max(peak, way.queuedBytes);
    if (plan.maxQueuedBytes > 0 && way.queuedBytes > plan.maxQueuedBytes) {
      loadFailure = reasonFailure(
        `Cannot queue ${n} bytes of ${device.id}: ${way.queuedBytes} would be more than max_queued_bytes=${plan.maxQueuedBytes}`,
        "load",
        device.id,
      );
      return;
    }
    lane.advanceTo(Math.max(arrivesNs, switchoverNs));
    for (let done = 0; done < n;) {
      const written = device.write(null, done, n - done);
      if (written === -ERRNO.EINTR) continue;
      if (written <= 0) {
        loadFailure = callFailure("write", device.id, "load", "write", written || -ERRNO.EIO);
        return;
      }
      done += written;
    }
    way.queue.push({ writtenNs: lane.nowNs(), bytes: n });
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
            d.loadNs += way.destination.lane.nowNs() - switchoverNs;
          }
          way.destination.lane.join();
        }
        if (loadFailure !== null) throw new MigrationError(loadFailure);
      },
    },
    transferredBytes: () => transferred,
    queuedPeakBytes: () => peak,
  };
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
