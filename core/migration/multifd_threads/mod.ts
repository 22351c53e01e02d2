/**
 * Multifd device-state transfer on the wall clock: threads, and sockets beside the main channel. What they decide is
 * `../multifd`'s.
 *
 * @module
 */
export { movableDevices } from "./movable_devices.ts";
export { type MultifdSaveThreads, startMultifdSave } from "./multifd_save.ts";
export {
  type MultifdLoadOptions,
  type MultifdLoadThreads,
  startMultifdLoad,
} from "./multifd_load.ts";
export type { QueueSize } from "./load_shared.ts";
export {
  type StartThread,
  startThreadHere,
  type ThreadEvents,
  type ThreadWorker,
} from "./start_thread.ts";
export type { ThreadStart } from "./thread_task.ts";
