/// <reference lib="deno.worker" />
/**
 * The Worker in which one half of a migration runs on the wall clock. Everything that blocks is here.
 * @module
 */
import { createReceiver, createSender } from "../../core/channel/mod.ts";
import { createWallClock, wallClock } from "../../core/clock/mod.ts";
import { DeviceError } from "../../core/device/kernel/mod.ts";
import { injectionsOf } from "../../core/device/faulty/mod.ts";
import { compareImages, type DeviceImage, guestWritesNs } from "../../core/device/mod.ts";
import { keepFdLedger } from "../../core/libc/mod.ts";
import {
  createDurationRecorder,
  type DurationSink,
  HalfDeath,
  NO_COSTS,
  phaseOf,
  type PlaceSink,
  placeSink,
  POLICIES,
  runDestination,
  runSource,
} from "../../core/migration/mod.ts";
import {
  movableDevices,
  type MultifdLoadThreads,
  type MultifdSaveThreads,
  startMultifdLoad,
  startMultifdSave,
} from "../../core/migration/multifd_threads/mod.ts";
// Not the folder's face: that loads a library, which takes as long as all the rest.
import { countNs, createCounts, type DurationCounts } from "../measure/duration_counts.ts";
import { traceRecorder } from "../trace/traced_trial.ts";
import { type AnyDevice, buildDevices, buildRam, buildRamLoader } from "./build_devices.ts";
import { queueSizes } from "./queue_sizes.ts";
import { recordDevices } from "./record_devices.ts";
import { releaseDevices } from "./release_devices.ts";
import type { Breakage, FromWorker, HalfPlan, ToWorker } from "./worker_message.ts";

/** One half, built and waiting for its turn. */
interface Half {
  readonly images: readonly DeviceImage[];
  run(): FromWorker;
  /** Gives what `releaseDevices` does. */
  close(): string[];
}

let half: Half | null = null;

self.onmessage = async (event: MessageEvent<ToWorker>) => {
  try {
    await take(event.data);
  } catch (error) {
    if (error instanceof HalfDeath) die(error);
    else tell({ type: "broken", ...breakageOf(error) });
  }
};

async function take(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "plan":
      half = await build(message.plan);
      if (message.plan.carried !== undefined) {
        const { carryImages } = await import("./carry_images.ts");
        carryImages(message.plan.carried, half.images);
      }
      tell({ type: "ready", images: half.images });
      return;
    case "run":
      if (half !== null) tell(half.run());
      return;
    case "verify":
      tell({ type: "verified", difference: firstDifference(half?.images ?? [], message.images) });
      return;
    case "digest": {
      // Only where the other half is elsewhere: a Worker that does not need it does not load it.
      const { digestImages } = await import("./digest_images.ts");
      tell({ type: "digested", digests: digestImages(half?.images ?? []) });
      return;
    }
    case "close":
      tell({ type: "closed", obstacles: half?.close() ?? [] });
      self.close();
  }
}

/**
 * Ends this Worker as an uncaught error would, whose one event this message is, but without its trace on stderr:
 * nothing is closed, neither fds nor threads.
 */
function die({ message, side, place }: HalfDeath): void {
  tell({ type: "broken", message, phase: phaseOf(side, place), died: true });
  self.close();
}

function breakageOf(error: unknown): Breakage {
  if (error instanceof DeviceError) {
    const { message, device, call, errno } = error;
    return { message, device, call, errno };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}

async function build(plan: HalfPlan): Promise<Half> {
  keepFdLedger(plan.ledger);
  const use = {
    waitMs: plan.options.maxTimeMs,
    cancel: plan.cancel,
    // A destination's devices are of a peer's making: they cannot hold this thread for longer than it is wanted.
    ...(plan.role === "destination" ? { clock: createWallClock(new Int32Array(plan.cancel)) } : {}),
  };
  const devices = await buildDevices(plan.devices, plan.role, plan.seed, use, plan.faults);
  try {
    if (plan.recordAs !== null) return recordedHalf(plan, devices, plan.recordAs);
    if (plan.role === "source") {
      const threads = await saveThreads(plan, devices);
      return orClosed(threads, () => sourceHalf(plan, devices, threads));
    }
    const threads = await loadThreads(plan, devices);
    return orClosed(threads, () => destinationHalf(plan, devices, threads));
  } catch (error) {
    releaseDevices(devices);
    throw error;
  }
}

/** A half whose devices write down what happens to them. What could not be written ends the trial. */
function recordedHalf(plan: HalfPlan, devices: AnyDevice[], recordAs: string): Half {
  const recorded = recordDevices(devices, plan.role, recordAs, {
    chunk: plan.options.bufferSize,
    seed: plan.seed,
  });
  let made: Half;
  try {
    made = plan.role === "source"
      ? sourceHalf(plan, recorded.devices, null)
      : destinationHalf(plan, recorded.devices, null);
  } catch (error) {
    recorded.close();
    throw error;
  }
  return {
    ...made,
    close() {
      // How a device is brought back is not part of its session.
      const obstacles = releaseDevices(devices);
      return [...obstacles, ...made.close()];
    },
    run() {
      const done = made.run();
      const failure = recorded.finish();
      if (failure !== null) return { type: "broken", message: failure };
      // What is recorded is the devices with their faults.
      return done.type === "done" ? { ...done, injections: injectionsOf(devices) } : done;
    },
  };
}

/** What can be made; if it cannot, no thread stays. */
function orClosed(threads: { close(): void } | null, make: () => Half): Half {
  try {
    return make();
  } catch (error) {
    threads?.close();
    throw error;
  }
}

async function saveThreads(
  { multifd, options }: HalfPlan,
  devices: readonly AnyDevice[],
): Promise<MultifdSaveThreads | null> {
  if (multifd === null) return null;
  return await startMultifdSave(movableDevices(devices), multifd.ends, options.bufferSize);
}

async function loadThreads(
  { multifd, options, devices: specs }: HalfPlan,
  devices: readonly AnyDevice[],
): Promise<MultifdLoadThreads | null> {
  if (multifd === null) return null;
  const stateBytes = devices.map((device) => device.image()?.length ?? 0);
  return await startMultifdLoad(movableDevices(devices), multifd.ends, {
    maxQueuedBytes: multifd.maxQueuedBytes,
    sizes: queueSizes(specs, stateBytes, options.bufferSize),
  });
}

function sourceHalf(
  plan: HalfPlan,
  devices: AnyDevice[],
  multifd: MultifdSaveThreads | null,
): Half {
  const { options } = plan;
  const ram = buildRam(plan.ram, plan.seed);
  const sender = createSender(plan.channel, {
    deviceIds: devices.map(({ id }) => id),
    ramSize: plan.ram.size,
  });
  const cancel = new Int32Array(plan.cancel);
  const durations = createDurations(plan);
  const recorder = plan.traced ? traceRecorder() : null;
  return {
    images: imagesOf(devices, ram?.image() ?? null),
    run() {
      multifd?.begin();
      const guestNs = guestWritesNs();
      const report = runSource({
        devices,
        ram,
        policy: POLICIES[plan.policy],
        options,
        clock: wallClock,
        costs: NO_COSTS,
        sender,
        multifd,
        isCancelled: () => Atomics.load(cancel, 0) !== 0,
        onRead: durations.sink,
        onTrace: recorder?.sink,
        onPlace: placesOf(plan),
      });
      return {
        type: "done",
        role: "source",
        report,
        injections: injectionsOf(devices),
        guestWritesNs: guestWritesNs() - guestNs,
        durations: durations.counts,
        trace: recorder?.steps() ?? null,
      };
    },
    close() {
      multifd?.close();
      sender.close();
      ram?.close();
      return releaseDevices(devices);
    },
  };
}

function destinationHalf(
  plan: HalfPlan,
  devices: AnyDevice[],
  multifd: MultifdLoadThreads | null,
): Half {
  const { options } = plan;
  const ram = buildRamLoader(plan.ram);
  const receiver = createReceiver(plan.channel);
  const durations = createDurations(plan);
  const recorder = plan.traced ? traceRecorder() : null;
  return {
    images: imagesOf(devices, ram?.image() ?? null),
    run() {
      multifd?.begin();
      const report = runDestination({
        devices,
        ram,
        policy: POLICIES[plan.policy],
        options,
        clock: wallClock,
        costs: NO_COSTS,
        receiver,
        multifd,
        onWrite: durations.sink,
        onTrace: recorder?.sink,
        onPlace: placesOf(plan),
      });
      return {
        type: "done",
        role: "destination",
        report,
        injections: injectionsOf(devices),
        durations: durations.counts,
        trace: recorder?.steps() ?? null,
      };
    },
    close() {
      multifd?.close();
      receiver.close();
      ram?.close();
      return releaseDevices(devices);
    },
  };
}

/** What the plan has for places of the migration at this side. */
function placesOf({ faults, role, struck, cancel }: HalfPlan): PlaceSink {
  const word = new Int32Array(cancel);
  return placeSink(faults, role, {
    struck,
    nowNs: wallClock.nowNs,
    cancel: () => Atomics.store(word, 0, 1),
  });
}

/** Buffers below this size are recorded one in so many, so that recording does not cost what it measures. */
const EVERY_BUFFER_FROM = 64 * 1024;
const ONE_IN = 16;

function createDurations(
  plan: HalfPlan,
): { readonly sink: DurationSink; readonly counts: DurationCounts | null } {
  if (!plan.measure) return { sink: null, counts: null };
  const counts = createCounts();
  const oneIn = plan.options.bufferSize < EVERY_BUFFER_FROM ? ONE_IN : 1;
  return { sink: createDurationRecorder(oneIn, (ns) => countNs(counts, ns)), counts };
}

function imagesOf(devices: readonly AnyDevice[], ram: DeviceImage | null): DeviceImage[] {
  const images = [...devices.map((device) => device.image()), ram];
  return images.filter((image) => image !== null);
}

function firstDifference(
  ours: readonly DeviceImage[],
  theirs: readonly DeviceImage[],
): { image: number; offset: number } | null {
  for (const [image, own] of ours.entries()) {
    const other = theirs[image];
    const offset = other === undefined ? 0 : compareImages(own, other);
    if (offset >= 0) return { image, offset };
  }
  return null;
}
