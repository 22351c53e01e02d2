/**
 * Migratable devices behind one interface: simulated and replayed.
 * @module
 */
export type { DataSize, Device, DeviceImage } from "./device.ts";
export { type DeviceProfile, GENERIC_PROFILE } from "./profile.ts";
export { compareImages } from "./compare_images.ts";
export { SimulatedDevice } from "./simulated/simulated_device.ts";
export {
  createStateMemory,
  fillState,
  type StateMemory,
  zeroState,
} from "./simulated/state_memory.ts";
export { readRecording, type Recording, RecordingError } from "./replayed/recording.ts";
export { ReplayedDevice } from "./replayed/replayed_device.ts";
export type { GuestRam, GuestRamLoader } from "./guest_ram.ts";
export {
  createSimulatedRam,
  createSimulatedRamLoader,
  type RamProfile,
  ramWireBytes,
} from "./simulated/simulated_ram.ts";
export { type DeviceHandover, isMovable, type MovableDevice, takeOverDevice } from "./hand_over.ts";
