import { close, ERRNO } from "../../libc/mod.ts";
import {
  FEATURE,
  FEATURE_OP,
  FEATURE_SIZE,
  MIGRATION,
  readMigrationFlags,
} from "../../vfio/mod.ts";
import { bringBack } from "./bring_back.ts";
import { callError, DeviceError } from "./device_error.ts";
import { callFeature, createFeatureMemory, PAYLOAD } from "./feature_call.ts";
import { findDevice, type FoundDevice } from "./find_device.ts";
import { KernelDevice } from "./kernel_device.ts";
import { openDevice } from "./open_device.ts";

/** How a kernel device is to be used. */
export interface KernelDeviceUse {
  readonly id: string;
  /** false: PRE_COPY is not used though the device may have it; absent: it is used if there. */
  readonly precopy?: boolean;
  /** The same of the P2P states. */
  readonly p2p?: boolean;
  /** How long a read may wait for a driver that has nothing ready yet; a minute unless given. */
  readonly waitMs?: number;
  /** One word: not 0 once nobody wants to wait any more. */
  readonly cancel?: SharedArrayBuffer;
}

/**
 * Opens a VFIO device of this host for migrations: reset, and RUNNING. Whatever state was in it is gone.
 *
 * @param given As `findDevice` takes it
 * @throws {DeviceError} With nothing left open
 */
export function openKernelDevice(given: string, use: KernelDeviceUse): KernelDevice {
  const found = findDevice(given);
  const opened = openDevice(found);
  let device: KernelDevice | null = null;
  try {
    device = new KernelDevice({
      ...opened,
      id: use.id,
      migrationFlags: usedFlags(migrationFlagsOf(found, opened.deviceFd), use),
      waitMs: use.waitMs ?? 60_000,
      cancel: use.cancel ?? null,
    });
    const obstacle = bringBack(device);
    if (obstacle !== null) throw new DeviceError(given, `Cannot use ${given}: ${obstacle}`);
    return device;
  } catch (error) {
    if (device !== null) device.close();
    else for (const fd of opened.fds) close(fd);
    throw error;
  }
}

function migrationFlagsOf({ given, driver }: FoundDevice, deviceFd: number): number {
  const memory = createFeatureMemory();
  const { MIGRATION: feature } = FEATURE;
  const result = callFeature(deviceFd, memory, feature | FEATURE_OP.GET, FEATURE_SIZE.MIGRATION);
  if (result === -ERRNO.ENOTTY) {
    throw new DeviceError(
      given,
      `Cannot migrate ${given}: its driver ${driver} does not offer migration; deno task doctor says which drivers do`,
      { call: "GET MIGRATION", errno: result },
    );
  }
  if (result < 0) {
    const next = "deno task doctor says what is missing";
    throw callError(given, "migrate", "GET MIGRATION", result, next);
  }
  return readMigrationFlags(memory.view, PAYLOAD);
}

function usedFlags(flags: number, { precopy = true, p2p = true }: KernelDeviceUse): number {
  return flags & ~((precopy ? 0 : MIGRATION.PRE_COPY) | (p2p ? 0 : MIGRATION.P2P));
}
