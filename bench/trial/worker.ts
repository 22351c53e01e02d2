/// <reference lib="deno.worker" />
/**
 * The Worker in which one half of a migration runs on the wall clock. Everything that blocks is here.
 * @module
 */
// Every trial waits for its two Workers to load what is named here: files, not folders' faces, and by `import()`
// what only some plans need. worker_modules_test.ts counts them.
import { attachReceiver, attachSender } from "../../core/channel/attach_end.ts";
import { createWallClock, wallClock } from "../../core/clock/wall_clock.ts";
import { injectionsOf } from "../../core/device/faulty/injections_of.ts";
import { DeviceError } from "../../core/device/kernel/device_error.ts";
import type { DeviceImage } from "../../core/device/mod.ts";
import { guestWritesNs } from "../../core/device/simulated/guest_writes.ts";
import { keepFdLedger } from "../../core/libc/mod.ts";
import { runDestination } from "../../core/migration/destination.ts";
import { createDurationRecorder, oneIn } from "../../core/migration/observation.ts";
import type { DurationSink, HalfDeath, PlaceSink } from "../../core/migration/mod.ts";
import type {
  MultifdLoadThreads,
  MultifdSaveThreads,
} from "../../core/migration/multifd_threads/mod.ts";
import { NO_COSTS } from "../../core/migration/options.ts";
import { POLICIES } from "../../core/migration/policy/policy.ts";
import { runSource } from "../../core/migration/source.ts";
import {
  countedSlots,
  countNs,
  createCounts,
  type DurationCounts,
} from "../measure/duration_counts.ts";
import { traceRecorder } from "../trace/traced_trial.ts";
import { type AnyDevice, buildDevices, buildRam, buildRamLoader } from "./build_devices.ts";
import { compareStates } from "./compare_states.ts";
import { releaseDevices } from "./release_devices.ts";
import { createStateSupply, type SpareMemory, type StateSupply } from "./state_supply.ts";
import type { Breakage, FromWorker, HalfPlan, ToWorker } from "./worker_message.ts";

/** One half, built and waiting for its turn. */
interface Half {
  readonly images: readonly DeviceImage[];
  readonly memories: readonly SpareMemory[];
  run(): FromWorker;
  /** Gives what `releaseDevices` does; whether another plan may follow. */
  close(stays: boolean): string[];
}

let half: Half | null = null;
/** Of the half that is there: one for all halves, for memory that a Worker lets go is not soon given back. */
let counts: DurationCounts | null = null;

self.onmessage = async (event: MessageEvent<ToWorker>) => {
  try {
    await take(event.data);
  } catch (error) {
    if (isHalfDeath(error)) await die(error);
    else tell({ type: "broken", ...breakageOf(error) });
  }
};

async function take(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "ledger":
      keepFdLedger(message.ledger);
      return;
    case "plan":
      half = await build(message.plan);
      if (message.plan.carried !== undefined) {
        const { carryImages } = await import("./carry_images.ts");
        carryImages(message.plan.carried, half.images);
      }
      tell({ type: "ready", images: half.images, memories: half.memories });
      return;
    case "run":
      if (half !== null) tell(half.run());
      return;
    case "verify":
      tell({ type: "verified", difference: compareStates(message) });
      return;
    case "digest": {
      // Only where the other half is elsewhere: a Worker that does not need it does not load it.
      const { digestImages } = await import("./digest_images.ts");
      tell({ type: "digested", digests: digestImages(half?.images ?? []) });
      return;
    }
    case "close":
      tell({ type: "closed", obstacles: half?.close(message.stays === true) ?? [] });
      half = null;
      if (message.stays !== true) self.close();
      return;
    case "startedThread": {
      const { hearOfThread } = await import("./start_threads.ts");
      hearOfThread(message);
    }
  }
}

/** By its name: only a plan with faults loads the class. */
function isHalfDeath(error: unknown): error is HalfDeath {
  return error instanceof Error && error.name === "HalfDeath";
}

/**
 * Ends this Worker as an uncaught error would, whose one event this message is, but without its trace on stderr:
 * nothing is closed, neither fds nor threads.
 */
async function die({ message, side, place }: HalfDeath): Promise<void> {
  const { phaseOf } = await import("../../core/migration/places.ts");
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
  const supply = createStateSupply(plan.spare ?? []);
  const use = {
    waitMs: plan.options.maxTimeMs,
    cancel: plan.cancel,
    supply,
    // A destination's devices are of a peer's making: they cannot hold this thread for longer than it is wanted.
    ...(plan.role === "destination" ? { clock: createWallClock(new Int32Array(plan.cancel)) } : {}),
  };
  const devices = await buildDevices(plan.devices, plan.role, plan.seed, use, plan.faults);
  try {
    if (plan.recordAs !== null) return await recordedHalf(plan, devices, supply, plan.recordAs);
    const start = plan.multifd === null ? null : await import("./start_threads.ts");
    if (plan.role === "source") {
      const threads = await start?.startSaveThreads(plan, devices) ?? null;
      return await orClosed(threads, () => sourceHalf(plan, devices, supply, threads));
    }
    const threads = await start?.startLoadThreads(plan, devices) ?? null;
    return await orClosed(threads, () => destinationHalf(plan, devices, supply, threads));
  } catch (error) {
    releaseDevices(devices);
    throw error;
  }
}

/** A half whose devices write down what happens to them. What could not be written ends the trial. */
async function recordedHalf(
  plan: HalfPlan,
  devices: AnyDevice[],
  supply: StateSupply,
  recordAs: string,
): Promise<Half> {
  const { recordDevices } = await import("./record_devices.ts");
  const recorded = recordDevices(devices, plan.role, recordAs, {
    chunk: plan.options.bufferSize,
    seed: plan.seed,
  });
  let made: Half;
  try {
    made = plan.role === "source"
      ? await sourceHalf(plan, recorded.devices, supply, null)
      : await destinationHalf(plan, recorded.devices, supply, null);
  } catch (error) {
    recorded.close();
    throw error;
  }
  return {
    ...made,
    close(stays) {
      // How a device is brought back is not part of its session.
      const obstacles = releaseDevices(devices);
      return [...obstacles, ...made.close(stays)];
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
async function orClosed(
  threads: { close(): void } | null,
  make: () => Promise<Half>,
): Promise<Half> {
  try {
    return await make();
  } catch (error) {
    threads?.close();
    throw error;
  }
}

async function sourceHalf(
  plan: HalfPlan,
  devices: AnyDevice[],
  supply: StateSupply,
  multifd: MultifdSaveThreads | null,
): Promise<Half> {
  const { options } = plan;
  const ram = buildRam(plan.ram, plan.seed, supply);
  const sender = await attachSender(plan.channel, {
    deviceIds: devices.map(({ id }) => id),
    ramSize: plan.ram.size,
  });
  const cancel = new Int32Array(plan.cancel);
  const durations = createDurations(plan);
  const recorder = plan.traced ? traceRecorder() : null;
  const onPlace = await placesOf(plan);
  return {
    images: imagesOf(devices, ram?.image() ?? null),
    memories: supply.taken,
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
        // Looked at for every buffer: `Atomics` would be a call, and a buffer later is soon enough.
        isCancelled: () => cancel[0] !== 0,
        onRead: durations.sink,
        onTrace: recorder?.sink,
        onPlace,
      });
      return {
        type: "done",
        role: "source",
        report,
        injections: injectionsOf(devices),
        guestWritesNs: guestWritesNs() - guestNs,
        durations: durations.counts === null ? null : countedSlots(durations.counts),
        trace: recorder?.steps() ?? null,
      };
    },
    close(stays) {
      multifd?.close(stays);
      sender.close();
      ram?.close();
      return releaseDevices(devices);
    },
  };
}

async function destinationHalf(
  plan: HalfPlan,
  devices: AnyDevice[],
  supply: StateSupply,
  multifd: MultifdLoadThreads | null,
): Promise<Half> {
  const { options } = plan;
  const ram = buildRamLoader(plan.ram, supply);
  const receiver = await attachReceiver(plan.channel);
  const durations = createDurations(plan);
  const recorder = plan.traced ? traceRecorder() : null;
  const onPlace = await placesOf(plan);
  return {
    images: imagesOf(devices, ram?.image() ?? null),
    memories: supply.taken,
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
        onPlace,
      });
      return {
        type: "done",
        role: "destination",
        report,
        injections: injectionsOf(devices),
        durations: durations.counts === null ? null : countedSlots(durations.counts),
        trace: recorder?.steps() ?? null,
      };
    },
    close(stays) {
      multifd?.close(stays);
      receiver.close();
      ram?.close();
      return releaseDevices(devices);
    },
  };
}

/** What the plan has for places of the migration at this side. */
async function placesOf({ faults, role, struck, cancel }: HalfPlan): Promise<PlaceSink> {
  if (faults.length === 0) return undefined;
  const { placeSink } = await import("../../core/migration/places.ts");
  const word = new Int32Array(cancel);
  return placeSink(faults, role, {
    struck,
    nowNs: wallClock.nowNs,
    cancel: () => Atomics.store(word, 0, 1),
  });
}

function createDurations(
  plan: HalfPlan,
): { readonly sink: DurationSink; readonly counts: DurationCounts | null } {
  if (!plan.measure) return { sink: null, counts: null };
  counts ??= createCounts();
  counts.fill(0);
  const mine = counts;
  const sink = createDurationRecorder(oneIn(plan.options.bufferSize), (ns) => countNs(mine, ns));
  return { sink, counts: mine };
}

function imagesOf(devices: readonly AnyDevice[], ram: DeviceImage | null): DeviceImage[] {
  const images = [...devices.map((device) => device.image()), ram];
  return images.filter((image) => image !== null);
}
