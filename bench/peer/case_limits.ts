import { type Case, type DeviceSpec, formatSize } from "../scenario/mod.ts";

/** What a listener takes, whoever asks for it. */
export interface CaseLimits {
  /** The most memory that a migration may take here, in bytes. */
  readonly max_state_bytes: number;
  /** The longest that a migration may say it takes, in milliseconds. */
  readonly max_time_ms: number;
}

const MIB = 1024 * 1024;

/** Where nobody says otherwise. */
export const CASE_LIMITS: CaseLimits = {
  max_state_bytes: 4 * 1024 * MIB,
  max_time_ms: 600_000,
};

/** What a Worker and its channels take beside states and buffers. */
const OWN_BYTES = 64 * MIB;
/** What a thread takes, which is a Worker of its own; 13 MiB were measured. */
const THREAD_BYTES = 16 * MIB;
/** Multifd's queue has room for a device's state twice. */
const QUEUED_STATES = 2;
/** How long a simulated device may sleep in one call: a thread that sleeps cannot be ended. */
const LONGEST_CALL_MS = 60_000;

/**
 * The most memory that the destination of a migration takes.
 *
 * @example Usage
 * ```ts
 * import { memoryNeeded } from "./case_limits.ts";
 * import type { Case } from "../scenario/mod.ts";
 *
 * const fits = (one: Case) => memoryNeeded(one) <= 4 * 1024 ** 3;
 * ```
 */
export function memoryNeeded({ devices, ram, params }: Case): number {
  const times = params.multifd ? 1 + QUEUED_STATES : 1;
  const states = devices.reduce((sum, device) => sum + stateBytes(device) * times, 0);
  const buffers = (params.multifd ? 1 + params.channels : 1) * params.buffer_size;
  const threads = params.multifd ? devices.length + params.channels : 0;
  return states + ram.size + buffers + threads * THREAD_BYTES + OWN_BYTES;
}

function stateBytes(device: DeviceSpec): number {
  if (device.kind === "kernel") return device.state_size;
  if (device.kind === "replayed") return 0;
  const region = device.kind === "simulated" ? device.region?.destination.region_size ?? 0 : 0;
  return device.profile.state_size + region;
}

/**
 * Why a listener does not take a case; null where it does.
 *
 * @param available_bytes What is free of this machine's memory
 */
export function whyNotTaken(
  one: Case,
  limits: CaseLimits,
  available_bytes: number,
): string | null {
  const needed = memoryNeeded(one);
  if (needed > limits.max_state_bytes) {
    return `its destination needs ${formatSize(needed)} of memory, and --max-state is ${
      formatSize(limits.max_state_bytes)
    }`;
  }
  if (needed > available_bytes) {
    return `its destination needs ${formatSize(needed)} of memory, and ${
      formatSize(available_bytes)
    } are free`;
  }
  const { max_time_ms } = one.params;
  if (max_time_ms > limits.max_time_ms) {
    return `max_time_ms is ${max_time_ms}, and --max-time is ${limits.max_time_ms} ms`;
  }
  for (const device of one.devices) {
    const slow = slowestCall(device, one.params.buffer_size);
    if (slow.ms <= LONGEST_CALL_MS) continue;
    return `${device.id} would sleep ${slow.ms} ms in one call (${slow.key}), and ${LONGEST_CALL_MS} ms are the most`;
  }
  return null;
}

/** What takes a simulated device longest at the destination, in one call. */
function slowestCall(
  device: DeviceSpec,
  bufferSize: number,
): { readonly key: string; readonly ms: number } {
  if (device.kind !== "simulated" && device.kind !== "virtio") return { key: "", ms: 0 };
  const mib = device.profile.state_size / MIB;
  let slowest = { key: "", ms: 0 };
  const take = (key: string, ms: number) => {
    if (ms > slowest.ms) slowest = { key, ms };
  };
  for (const [key, value] of Object.entries(device.profile)) {
    if (typeof value !== "number") continue;
    if (key.endsWith("_ms_per_mib")) take(key, value * mib);
    else if (key.endsWith("_ms") && !key.endsWith("_at_ms")) take(key, value);
  }
  const { load_rate } = device.profile;
  if (load_rate > 0) take("load_rate", bufferSize / load_rate * 1000);
  if (device.kind === "simulated" && device.region !== undefined) {
    take("region.access_ms", device.region.destination.access_ms);
  }
  return slowest;
}
