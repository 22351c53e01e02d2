/**
 * Migratable devices behind one interface: simulated and replayed. Those of the kernel have a folder with a face of
 * its own, `kernel`, and what takes their bytes where there is no second one another, `sink`.
 * @module
 */
export type { DataSize, Device, DeviceImage } from "./device.ts";
export { type DeviceProfile, GENERIC_PROFILE } from "./profile.ts";
export { compareImages } from "./compare_images.ts";
export { SimulatedDevice } from "./simulated/simulated_device.ts";
export {
  closeStateMemory,
  createStateMemory,
  fillState,
  type StateMemory,
  touchState,
  zeroState,
} from "./simulated/state_memory.ts";
export { guestWritesNs } from "./simulated/guest_writes.ts";
export {
  closeRecording,
  readRecording,
  type Recording,
  RecordingError,
} from "./replayed/recording.ts";
export { compareSequences, type SequenceComparison } from "./replayed/compare_sequences.ts";
export type { ReplayTiming } from "./replayed/replay_pace.ts";
export { ReplayedDevice } from "./replayed/replayed_device.ts";
export type { GuestRam, GuestRamLoader } from "./guest_ram.ts";
export {
  createSimulatedRam,
  createSimulatedRamLoader,
  RAM_PAGE_SIZE,
  type RamProfile,
  ramWireBytes,
} from "./simulated/simulated_ram.ts";
export { type DeviceHandover, isMovable, type MovableDevice, takeOverDevice } from "./hand_over.ts";
