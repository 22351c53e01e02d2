/**
 * VFIO devices of this host: finding them, opening them, and migrating them.
 * @module
 */
export { bringBack } from "./bring_back.ts";
export { DeviceError } from "./device_error.ts";
export { callFeature, createFeatureMemory, PAYLOAD, probeFeature } from "./feature_call.ts";
export { findDevice, type FoundDevice } from "./find_device.ts";
export {
  deviceByName,
  deviceOfCdev,
  devicesOfGroup,
  hasVfio,
  type HostDevice,
  type HostRoot,
  isVfioDriver,
  lastPart,
  namesIn,
  readDevice,
  vfioDevices,
} from "./host_device.ts";
export { KernelDevice, type KernelHandover } from "./kernel_device.ts";
export { openDevice, type OpenedDevice } from "./open_device.ts";
export { type KernelDeviceUse, openKernelDevice } from "./open_kernel_device.ts";
