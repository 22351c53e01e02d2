import { DEFAULT_WINDOW } from "../../core/channel/mod.ts";
import { createLane, type VirtualClock } from "../../core/clock/mod.ts";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  SimulatedDevice,
} from "../../core/device/mod.ts";
import { injectionsOf, withFaults } from "../../core/device/faulty/mod.ts";
import { SimulatedRegionDevice } from "../../core/device/region/mod.ts";
import { gatheredWhole, VirtioDevice } from "../../core/device/virtio/mod.ts";
import type { FaultPlan, FaultSide } from "../../core/fault/mod.ts";
import { POLICIES, runVirtualMigration, type VirtualPart } from "../../core/migration/mod.ts";
import type { Case, DeviceSpec, Host } from "../scenario/mod.ts";
import type { AnyDevice } from "./build_devices.ts";
import { createRandom } from "../random.ts";
import { traceRecorder } from "../trace/traced_trial.ts";
import { aftermathOf } from "./aftermath.ts";
import { injectionsIn, trialFaults } from "./trial_faults.ts";
import { type TrialPlace, trialRecord, trialTimeline } from "./trial_record.ts";
import { destinationOf, migrationOptions } from "./migration_options.ts";
import type { Trial } from "./wall_trial.ts";
import { limitOf } from "./watch_trial.ts";

/**
 * Plays one migration on the virtual clock: the same decisions, no bytes, and the same record every time
 * and everywhere. "Verified" means that the destination has taken in every record of every device, whole.
 *
 * @param traced Whether every step is kept. Then no step stands for many buffers, so that the last digits of its
 * times can be others than without
 */
export function runVirtualTrial(one: Case, place: TrialPlace, traced = false): Trial {
  const recorders = traced ? { source: traceRecorder(), destination: traceRecorder() } : null;
  const { policy } = one.params;
  const random = createRandom(place.seed);
  const there = destinationOf(one);
  const arrivals: (() => string | null)[] = [];
  let parts: readonly VirtualPart[] = [];
  const faults = trialFaults(one);
  const { plan, struck } = faults;
  const { source, destination, damaged } = runVirtualMigration({
    policy: POLICIES[policy],
    options: migrationOptions(one),
    destinationPolicy: POLICIES[there.policy],
    destinationOptions: there.options,
    costs: hostCosts(one.host),
    link: {
      bandwidth: one.link.bandwidth,
      latency_ns: one.link.latency_us * 1000,
      window: Math.max(DEFAULT_WINDOW, 2 * one.params.buffer_size),
    },
    multifd: one.params.multifd
      ? { channels: one.params.channels, maxQueuedBytes: one.params.max_queued_bytes }
      : null,
    // One step for many calls would pass over the one that is to fail.
    bulk: plan.length === 0,
    ...(plan.length === 0 ? {} : { faults: { plan, struck, limitMs: limitOf(one) } }),
    ...(recorders === null ? {} : {
      onTrace: { source: recorders.source.sink, destination: recorders.destination.sink },
    }),
    build(sourceClock, destinationClock) {
      const sources: VirtualPart[] = [];
      const destinations: VirtualPart[] = [];
      for (const spec of one.devices) {
        const pair = buildPair(spec, sourceClock, destinationClock, random);
        if (pair === null) continue;
        sources.push(faulty(pair.source, plan, place, "source"));
        destinations.push(faulty(pair.destination, plan, place, "destination"));
        arrivals.push(() => pair.isWhole() ? null : spec.id);
      }
      parts = [...sources, ...destinations];
      const ram = one.ram.size === 0 ? null : createSimulatedRam(one.ram, sourceClock, null);
      const ramLoader = ram === null
        ? null
        : createSimulatedRamLoader(one.ram, null, ram.stream.headerLog);
      return { sources, destinations, ram, ramLoader };
    },
  });
  const missing = arrivals.map((whatIsMissing) => whatIsMissing()).find((id) => id !== null);
  // What would have differed if there were bytes.
  const wrong = missing ?? damaged.map((device) => one.devices[device - 1]?.id ?? "RAM")[0];
  const injections = injectionsIn(faults, injectionsOf(parts.map(({ device }) => device)));
  const outcome = {
    source,
    destination,
    broken: null,
    obstacles: [],
    difference: wrong === undefined ? null : { device: wrong, offset: 0 },
    compared: source.failure === null && destination.failure === null,
    injections,
    readDurations: null,
    writeDurations: null,
  };
  return {
    record: trialRecord(one, place, outcome),
    timeline: trialTimeline(place, source, destination),
    aftermath: aftermathOf(outcome, injections),
    ...(recorders === null ? {} : {
      traced: { source: recorders.source.steps(), destination: recorders.destination.steps() },
    }),
  };
}

/** A part with what the plan has for its device. */
function faulty(
  { device, lane }: VirtualPart,
  plan: FaultPlan,
  { seed }: TrialPlace,
  side: FaultSide,
): VirtualPart {
  return { device: withFaults(device, plan, side, seed, lane), lane };
}

/** A device of either end, without bytes, and whether all of it arrived. */
interface Pair {
  readonly source: VirtualPart;
  readonly destination: VirtualPart;
  isWhole(): boolean;
}

/** null for a replayed device, which has no virtual clock. */
function buildPair(
  spec: DeviceSpec,
  sourceClock: VirtualClock,
  destinationClock: VirtualClock,
  random: () => number,
): Pair | null {
  if (spec.kind === "replayed" || spec.kind === "kernel") return null;
  const { id } = spec;
  const [here, there] = [createLane(sourceClock), createLane(destinationClock)];
  const pair = (source: AnyDevice, destination: AnyDevice, isWhole = () => true): Pair => ({
    source: { device: source, lane: here },
    destination: { device: destination, lane: there },
    isWhole,
  });
  if (spec.kind === "virtio") {
    const common = { id, profile: spec.profile, memory: null };
    const source = new VirtioDevice({ ...common, clock: here });
    const headerFeed = source.stream.headerLog;
    const destination = new VirtioDevice({ ...common, clock: there, headerFeed });
    // The driver itself checks nothing when loading ends.
    return pair(source, destination, () => gatheredWhole(destination.loader));
  }
  const { profile, region } = spec;
  const common = { id, profile, memory: null };
  if (region !== undefined) {
    const source = new SimulatedRegionDevice({
      ...common,
      region: region.source,
      clock: here,
    });
    const headerFeed = source.stream.headerLog;
    return pair(
      source,
      new SimulatedRegionDevice({
        ...common,
        region: region.destination,
        clock: there,
        headerFeed,
      }),
    );
  }
  const source = new SimulatedDevice({ ...common, clock: here, random });
  const headerFeed = source.stream.headerLog;
  // Leaving RESUMING refuses a state that is not whole.
  return pair(source, new SimulatedDevice({ ...common, clock: there, headerFeed }));
}

function hostCosts(host: Host): Parameters<typeof runVirtualMigration>[0]["costs"] {
  return {
    setupNs: host.setup_ms * 1e6,
    passNs: host.pass_us * 1e3,
    queryNs: host.query_us * 1e3,
    stopNs: host.stop_ms * 1e6,
    configNs: host.config_ms * 1e6,
    startNs: host.start_ms * 1e6,
    finishNs: host.finish_ms * 1e6,
  };
}
