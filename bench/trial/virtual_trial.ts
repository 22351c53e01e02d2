import { DEFAULT_WINDOW } from "../../core/channel/mod.ts";
import {
  createSimulatedRam,
  createSimulatedRamLoader,
  SimulatedDevice,
} from "../../core/device/mod.ts";
import { POLICIES, runVirtualMigration } from "../../core/migration/mod.ts";
import type { Case, Host } from "../scenario/mod.ts";
import { createRandom } from "./random.ts";
import { type TrialPlace, trialRecord, trialTimeline } from "./trial_record.ts";
import { destinationOf, migrationOptions, type Trial } from "./wall_trial.ts";

/**
 * Plays one migration on the virtual clock: the same decisions, no bytes, and the same record every time
 * and everywhere. "Verified" means that the destination has taken in every record of every device, whole.
 */
export function runVirtualTrial(one: Case, place: TrialPlace): Trial {
  const { policy } = one.params;
  const random = createRandom(place.seed);
  const there = destinationOf(one);
  const { source, destination } = runVirtualMigration({
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
    build(sourceClock, destinationClock) {
      const sources: SimulatedDevice[] = [];
      const destinations: SimulatedDevice[] = [];
      for (const spec of one.devices) {
        if (spec.kind !== "simulated") continue;
        const common = { id: spec.id, profile: spec.profile, memory: null };
        const saving = new SimulatedDevice({ ...common, clock: sourceClock, random });
        sources.push(saving);
        destinations.push(
          new SimulatedDevice({
            ...common,
            clock: destinationClock,
            headerFeed: saving.stream.headerLog,
          }),
        );
      }
      const ram = one.ram.size === 0 ? null : createSimulatedRam(one.ram, sourceClock, null);
      const ramLoader = ram === null
        ? null
        : createSimulatedRamLoader(one.ram, null, ram.stream.headerLog);
      return { sources, destinations, ram, ramLoader };
    },
  });
  const outcome = {
    source,
    destination,
    broken: null,
    difference: null,
    compared: source.failure === null && destination.failure === null,
    readDurations: null,
    writeDurations: null,
  };
  return {
    record: trialRecord(one, place, outcome),
    timeline: trialTimeline(place, source, destination),
  };
}

function hostCosts(host: Host): Parameters<typeof runVirtualMigration>[0]["costs"] {
  return {
    passNs: host.pass_us * 1e3,
    queryNs: host.query_us * 1e3,
    stopNs: host.stop_ms * 1e6,
    configNs: host.config_ms * 1e6,
    startNs: host.start_ms * 1e6,
  };
}
