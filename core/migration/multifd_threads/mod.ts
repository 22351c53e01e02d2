/**
 * Multifd device-state transfer on the wall clock: threads, and sockets beside the main channel. What they decide is
 * `../multifd`'s.
 *
 * @module
 */
export type { LoadShared, QueueSize } from "./load_shared.ts";
export { movableDevices } from "./movable_devices.ts";
export {
  type MultifdLoadOptions,
  type MultifdLoadThreads,
  startMultifdLoad,
} from "./multifd_load.ts";
export { type MultifdSaveThreads, startMultifdSave } from "./multifd_save.ts";
export type { SaveShared } from "./save_shared.ts";
export { createSpareThreads, type SpareThreads } from "./spare_threads.ts";
export {
  type StartThread,
  startThreadHere,
  type ThreadEvents,
  type ThreadWorker,
} from "./start_thread.ts";
export type { ThreadSupply } from "./thread_supply.ts";
export type { ThreadStart } from "./thread_task.ts";
