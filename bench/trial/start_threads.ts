/// <reference lib="deno.worker" />
import {
  createSpareThreads,
  type LoadShared,
  movableDevices,
  type MultifdLoadThreads,
  type MultifdSaveThreads,
  type SaveShared,
  startMultifdLoad,
  startMultifdSave,
} from "../../core/migration/multifd_threads/mod.ts";
import type { AnyDevice } from "./build_devices.ts";
import { createParentThreads } from "./half_threads.ts";
import { queueSizes } from "./queue_sizes.ts";
import type { HalfPlan } from "./worker_message.ts";

const parent = createParentThreads((message, transfer) => self.postMessage(message, transfer));
const { startThread } = parent;
/** What this Worker's trials leave to each other. */
const spareSaves = createSpareThreads<SaveShared>();
const spareLoads = createSpareThreads<LoadShared>();

/** What the main thread says of a thread that it was to start. */
export const hearOfThread = parent.hear;

/** Starts the threads that save devices over channels of their own; null where the plan has none. */
export async function startSaveThreads(
  { multifd, options }: HalfPlan,
  devices: readonly AnyDevice[],
): Promise<MultifdSaveThreads | null> {
  if (multifd === null) return null;
  const movable = movableDevices(devices);
  const supply = { startThread, spare: spareSaves };
  return await startMultifdSave(movable, multifd.ends, options.bufferSize, supply);
}

/** Starts the threads that receive and load them. */
export async function startLoadThreads(
  { multifd, options, devices: specs }: HalfPlan,
  devices: readonly AnyDevice[],
): Promise<MultifdLoadThreads | null> {
  if (multifd === null) return null;
  const stateBytes = devices.map((device) => device.image()?.length ?? 0);
  const sizes = queueSizes(specs, stateBytes, options.bufferSize);
  const limits = { maxQueuedBytes: multifd.maxQueuedBytes, sizes };
  const supply = { startThread, spare: spareLoads };
  return await startMultifdLoad(movableDevices(devices), multifd.ends, limits, supply);
}
