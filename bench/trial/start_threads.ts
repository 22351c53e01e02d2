import {
  movableDevices,
  type MultifdLoadThreads,
  type MultifdSaveThreads,
  startMultifdLoad,
  startMultifdSave,
} from "../../core/migration/multifd_threads/mod.ts";
import type { AnyDevice } from "./build_devices.ts";
import { queueSizes } from "./queue_sizes.ts";
import type { HalfPlan } from "./worker_message.ts";

/** Starts the threads that save devices over channels of their own; null where the plan has none. */
export async function startSaveThreads(
  { multifd, options }: HalfPlan,
  devices: readonly AnyDevice[],
): Promise<MultifdSaveThreads | null> {
  if (multifd === null) return null;
  return await startMultifdSave(movableDevices(devices), multifd.ends, options.bufferSize);
}

/** Starts the threads that receive and load them. */
export async function startLoadThreads(
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
