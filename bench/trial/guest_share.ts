/**
 * Whether the simulated guest is what a trial measures. Its writes are made by the thread that also reads the devices'
 * state, one small pwrite(2) for every chunk that gets dirty: what they take is taken from the migration.
 *
 * It is told twice: before the first trial by what a write takes here, as an hour of playing may follow, and
 * after the last one by what the trials measured (`guest_writes_ms`).
 *
 * @module
 */
import {
  closeStateMemory,
  createStateMemory,
  RAM_PAGE_SIZE,
  touchState,
} from "../../core/device/mod.ts";
import { quantile } from "../measure/mod.ts";
import type { Case } from "../scenario/mod.ts";
import { isGood } from "./is_good.ts";
import type { TrialRecord } from "./record.ts";

/** Above this part of the source's thread, the guest is a part of what is measured. */
const HEAVY_SHARE = 0.1;

/** How many chunks the guest dirties in a second, over its devices and RAM. */
export function guestWritesPerS({ devices, ram }: Case): number {
  const ofDevices = devices.map((device) =>
    device.kind === "simulated" ? device.profile.dirty_rate / device.profile.chunk_size : 0
  );
  return ofDevices.reduce((a, b) => a + b, ram.size === 0 ? 0 : ram.dirty_rate / RAM_PAGE_SIZE);
}

const TOUCHES = 2_000;
const TOUCHED_BYTES = 1 << 20;

/** What one of the guest's writes takes on this machine, in seconds; 0 where it cannot be measured. */
export function measureGuestWriteS(): number {
  const memory = createStateMemory("warm-up", TOUCHED_BYTES);
  if (typeof memory === "number") return 0;
  try {
    const round = () => {
      const began = performance.now();
      for (let i = 0; i < TOUCHES; i++) {
        touchState(memory, (i * RAM_PAGE_SIZE) % TOUCHED_BYTES, RAM_PAGE_SIZE, i);
      }
      return (performance.now() - began) / 1e3 / TOUCHES;
    };
    // The first round meets pages that are not there yet, and code that is not compiled.
    round();
    return Math.min(round(), round(), round());
  } finally {
    closeStateMemory(memory);
  }
}

/** A warning for each scenario whose guest takes too much of the source's thread. */
export function guestWarnings(cases: Iterable<Case>, writeS: number): string[] {
  const shares = new Map<string, number>();
  for (const one of cases) {
    if (one.clock !== "wall") continue;
    const share = guestWritesPerS(one) * writeS;
    if (share > HEAVY_SHARE) {
      shares.set(one.scenario, Math.max(share, shares.get(one.scenario) ?? 0));
    }
  }
  return [...shares].map(([scenario, share]) =>
    `The generator is the bottleneck: the simulated guest of ${scenario} would take about ${
      (share * 100).toFixed(0)
    } % of the source's thread to dirty its state, and precopy is slower for it; lower dirty_rate, or raise chunk_size`
  );
}

/**
 * The part of precopy that the guest's writes took in a trial; undefined where it was not measured. They are made up to
 * the stop of the guest, the last of them in the downtime.
 */
export function measuredGuestShare({ metrics }: Pick<TrialRecord, "metrics">): number | undefined {
  const { guest_writes_ms, total_time_ms, setup_time_ms = 0, downtime_source_ms } = metrics;
  if (guest_writes_ms === undefined || total_time_ms === undefined) return undefined;
  if (downtime_source_ms === undefined) return undefined;
  const precopy_ms = total_time_ms - setup_time_ms - downtime_source_ms;
  return precopy_ms > 0 ? Math.min(1, guest_writes_ms / precopy_ms) : undefined;
}

/** The warning of a case whose guest took too much, in the median of its trials; null where it did not. */
export function measuredGuestWarning(name: string, trials: readonly TrialRecord[]): string | null {
  const shares = trials.filter(isGood).flatMap((trial) => measuredGuestShare(trial) ?? []);
  if (shares.length === 0) return null;
  const share = quantile(shares.toSorted((a, b) => a - b), 0.5);
  if (share <= HEAVY_SHARE) return null;
  return `The generator is the bottleneck: the simulated guest of ${name} took ${
    (share * 100).toFixed(0)
  } % of precopy in the source's thread to dirty its state (median of ${shares.length} trials), and precopy is slower for it; lower dirty_rate, or raise chunk_size`;
}
