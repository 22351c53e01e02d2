import { type DeviceProfile, GENERIC_PROFILE } from "../../core/device/profile.ts";
import { RECORD_HEADER_SIZE } from "../../core/device/simulated/record.ts";
import type { ImportedMigration, TracedDevice, TracedQuery } from "../import/mod.ts";
import { measureReport } from "./measure_report.ts";

/** A profile, and what the log did not say of the device. */
export interface MeasuredDevice {
  readonly profile: DeviceProfile;
  readonly assumed: readonly string[];
}

/** Simulated dirtying goes in chunks of this size, or of the whole state where that is smaller. */
const CHUNK_SIZE = 64 * 1024;
/** Fewer bytes say nothing about a rate. */
const ENOUGH_BYTES = 256 * 1024;

/**
 * What the device of a log was like, as far as its log tells: sizes and what its answers made of them, how fast it
 * gave and took its state, what its arcs took, when it had new initial data.
 *
 * A simulated device's stream has records of its own, so that sizes are a few bytes off.
 */
export function measureDevice(
  device: TracedDevice,
  migration: Pick<ImportedMigration, "checkpoints" | "policy">,
): MeasuredDevice {
  const assumed: string[] = [];
  const sizes = measureSizes(device);
  const { id } = device;
  const saveRate = rateOf(device.stop_copy) || rateOf(device.precopy);
  if (saveRate === 0) assumed.push(`${id}: too few bytes for a save rate; no limit`);
  const loadRate = measureLoadRate(device);
  if (device.destination === null) {
    assumed.push(`${id}: no destination's log; loading costs nothing`);
  }
  const reinits = measureReinits(device);
  const dirty = measureDirty(device, sizes.initialBytes, reinits);
  const profile: DeviceProfile = {
    ...GENERIC_PROFILE,
    p2p: device.supports_p2p,
    precopy: device.supports_precopy,
    state_size: sizes.stateBytes,
    initial_fraction: sizes.initialFraction,
    chunk_size: Math.max(1, Math.min(CHUNK_SIZE, sizes.stateBytes)),
    ...dirty,
    save_rate: saveRate,
    load_rate: loadRate,
    ...measureArcs(device),
    ...measureReport(device.queries, sizes.initialBytes),
    precopy_info_v2: device.precopy_info_v2 ?? migration.policy === "qemu-11.1",
    ...reinits,
  };
  return { profile, assumed };
}

interface Sizes {
  readonly stateBytes: number;
  readonly initialBytes: number;
  readonly initialFraction: number;
}

/** The state, the record headers of a simulated device's stream taken off. */
function measureSizes(device: TracedDevice): Sizes {
  const initial = device.queries.find((q) => typeof q.initial_bytes === "number")?.initial_bytes ??
    0;
  const precopied = device.supports_precopy ? Math.max(0, initial - RECORD_HEADER_SIZE) : 0;
  const full = device.queries.find((q) => q.when === "setup" && isSize(q.stop_copy_length))
    ?.stop_copy_length;
  const rest = typeof full === "number"
    ? Math.max(0, full - initial - RECORD_HEADER_SIZE)
    : restBytes(device, initial);
  // A header more where there is a rest at all.
  const restState = rest > RECORD_HEADER_SIZE ? rest - RECORD_HEADER_SIZE : 0;
  const stateBytes = Math.max(1, precopied + restState);
  return { stateBytes, initialBytes: initial, initialFraction: precopied / stateBytes };
}

/** Without an answer at setup: what stop-copy gave, less what precopy could have given by the last answers. */
function restBytes(device: TracedDevice, initial: number): number {
  if (initial === 0) return device.stop_copy.bytes ?? 0;
  const last = device.queries.findLast((q) => isSize(q.stop_copy_length));
  if (last === undefined) return 0;
  const precopy = (last.initial_bytes ?? 0) + (last.dirty_bytes ?? 0);
  const moved = device.precopy.bytes + (device.stop_copy.bytes ?? 0);
  // An answer that is the full size whatever was read says nothing about a rest.
  if ((last.stop_copy_length ?? 0) >= initial) return 0;
  const rest = (last.stop_copy_length ?? 0) - precopy;
  return rest > initial * 0.02 && moved > initial ? rest : 0;
}

function isSize(bytes: number | null | undefined): bytes is number {
  return typeof bytes === "number" && bytes > 0;
}

/** Bytes per second while they moved; 0 where too few did. */
function rateOf(
  { bytes, busy_us }: { readonly bytes: number | null; readonly busy_us: number | null },
): number {
  if (bytes === null || bytes < ENOUGH_BYTES || busy_us === null || busy_us <= 0) return 0;
  return Math.round(bytes / busy_us * 1e6);
}

/**
 * How fast the destination takes its state. What a load took holds the waiting for its bytes too; where source and
 * destination worked side by side, the destination was done one buffer's load after the source.
 */
function measureLoadRate(device: TracedDevice): number {
  const loads = device.destination?.stop_copy;
  const { end_us: savedUs } = device.stop_copy;
  if (loads === undefined || loads.bytes === null || loads.bytes < ENOUGH_BYTES) return 0;
  const whole = rateOf(loads);
  const bufferBytes = Math.min(loads.bytes, device.buffer_size_bytes ?? loads.bytes);
  if (savedUs === null || loads.end_us === null || loads.end_us <= savedUs) return whole;
  return Math.max(whole, Math.round(bufferBytes / (loads.end_us - savedUs) * 1e6));
}

/** What the arcs took, at either side. */
function measureArcs(device: TracedDevice): Partial<DeviceProfile> {
  const took_ms = (states: TracedDevice["states"], name: string) =>
    (states.find(({ state, took_us }) => state === name && took_us !== null)?.took_us ?? 0) / 1e3;
  const there = device.destination;
  return {
    precopy_enter_ms: took_ms(device.states, "PRE_COPY"),
    suspend_p2p_ms: took_ms(device.states, "PRE_COPY_P2P") ||
      (device.supports_precopy ? 0 : took_ms(device.states, "RUNNING_P2P")),
    stop_copy_enter_ms: took_ms(device.states, "STOP_COPY"),
    resuming_enter_ms: there === null ? 0 : took_ms(there.states, "RESUMING"),
    load_finish_ms: there === null
      ? 0
      : took_ms(there.states, "RUNNING_P2P") + took_ms(there.states, "RUNNING"),
  };
}

/** When a query found new initial data: between that query and the one before. */
function measureReinits(
  device: TracedDevice,
): Pick<DeviceProfile, "reinit_at_ms" | "reinit_size"> {
  const entered = device.states.find(({ state }) => state === "PRE_COPY")?.at_us ?? 0;
  const at: number[] = [];
  let size = 0;
  for (const [i, query] of device.queries.entries()) {
    if (!query.reinit || query.at_us === null) continue;
    const before = device.queries[i - 1]?.at_us ?? entered;
    at.push(Math.max(0, ((before + query.at_us) / 2 - entered) / 1e3));
    size = Math.max(size, (query.initial_bytes ?? 0) - RECORD_HEADER_SIZE);
  }
  return { reinit_at_ms: at.map((ms) => Math.round(ms)), reinit_size: Math.max(0, size) };
}

/** How much the guest dirtied that moved, per second in PRE_COPY, and how much was dirty at most. */
function measureDirty(
  device: TracedDevice,
  initialBytes: number,
  { reinit_at_ms, reinit_size }: Pick<DeviceProfile, "reinit_at_ms" | "reinit_size">,
): Pick<DeviceProfile, "dirty_rate" | "dirty_span"> {
  const still = { dirty_rate: 0, dirty_span: 0 };
  const entered = device.states.find(({ state }) => state === "PRE_COPY")?.at_us;
  const asked = device.queries.filter((
    q,
  ): q is TracedQuery & { dirty_bytes: number; at_us: number } =>
    typeof q.dirty_bytes === "number" && q.at_us !== null
  );
  const last = asked.at(-1);
  if (last === undefined || entered === undefined || entered === null) return still;
  if (last.at_us <= entered) return still;
  const left = last.dirty_bytes + (last.initial_bytes ?? 0);
  const dirtied = left + last.position_bytes - initialBytes - reinit_at_ms.length * reinit_size;
  if (dirtied <= 0) return still;
  return {
    dirty_rate: Math.round(dirtied / (last.at_us - entered) * 1e6),
    dirty_span: Math.max(...asked.map(({ dirty_bytes }) => dirty_bytes)),
  };
}
