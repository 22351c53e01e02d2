import {
  callFeature,
  createFeatureMemory,
  DeviceError,
  findDevice,
  openDevice,
  PAYLOAD,
  probeFeature,
} from "../../core/device/kernel/mod.ts";
import { close, ERRNO, errnoName, ioctl, regionOf } from "../../core/libc/mod.ts";
import {
  DEVICE_INFO,
  DEVICE_INFO_SIZE,
  FEATURE,
  FEATURE_OP,
  FEATURE_SIZE,
  MIGRATION,
  readDeviceInfoFlags,
  readMigrationFlags,
  readStopCopyLength,
  VFIO_IOCTL,
  writeDeviceInfo,
} from "../../core/vfio/mod.ts";

/** What a device can do in a migration, by asking it. */
export interface Abilities {
  readonly stop_copy: boolean;
  readonly p2p: boolean;
  readonly pre_copy: boolean;
  /** MIG_PRECOPY_INFOv2, without which nobody hears of REINIT. Whether the driver ever says it, nobody can ask. */
  readonly precopy_info_v2: boolean;
  /** It says that VFIO_DEVICE_RESET does something; some that do not say so can all the same. */
  readonly reset: boolean;
  /** DMA_LOGGING: the device itself tracks which memory it writes. */
  readonly dma_logging: boolean;
  /** MIG_DATA_SIZE now; null where it does not answer. */
  readonly stop_copy_length_bytes: number | null;
}

/** Abilities, or the call that failed on the way to them. */
export type Probe =
  | { readonly abilities: Abilities }
  | { readonly call: string; readonly errno: string; readonly message: string };

const { GET, SET } = FEATURE_OP;

/** Opens a device, asks it what it can do, and closes it. Its state stays what it is. */
export function probeAbilities(device: string): Probe {
  try {
    const { deviceFd, fds } = openDevice(findDevice(device));
    try {
      return askDevice(deviceFd);
    } finally {
      for (const fd of fds) close(fd);
    }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    return { call: error.call ?? "", errno: error.errno ?? "", message: error.message };
  }
}

function canReset(fd: number): boolean {
  const { view, pointer } = regionOf(new ArrayBuffer(DEVICE_INFO_SIZE));
  writeDeviceInfo(view, 0);
  if (ioctl(fd, VFIO_IOCTL.DEVICE_GET_INFO, pointer) < 0) return false;
  return (readDeviceInfoFlags(view, 0) & DEVICE_INFO.RESET) !== 0;
}

function askDevice(fd: number): Probe {
  const memory = createFeatureMemory();
  const result = callFeature(fd, memory, FEATURE.MIGRATION | GET, FEATURE_SIZE.MIGRATION);
  if (result < 0 && result !== -ERRNO.ENOTTY) {
    const errno = errnoName(result);
    return { call: "GET MIGRATION", errno, message: `GET MIGRATION gave ${errno}` };
  }
  const flags = result < 0 ? 0 : readMigrationFlags(memory.view, PAYLOAD);
  const has = (feature: number) => probeFeature(fd, memory, feature) >= 0;
  const size = callFeature(fd, memory, FEATURE.MIG_DATA_SIZE | GET, FEATURE_SIZE.MIG_DATA_SIZE);
  const stop_copy_length_bytes = size < 0 ? null : readStopCopyLength(memory.view, PAYLOAD);
  return {
    abilities: {
      stop_copy: (flags & MIGRATION.STOP_COPY) !== 0,
      p2p: (flags & MIGRATION.P2P) !== 0,
      pre_copy: (flags & MIGRATION.PRE_COPY) !== 0,
      reset: canReset(fd),
      precopy_info_v2: has(FEATURE.MIG_PRECOPY_INFOv2 | SET),
      dma_logging: has(FEATURE.DMA_LOGGING_START | SET),
      stop_copy_length_bytes,
    },
  };
}
