/**
 * A virtio-net VF as the kernel's vfio-virtio driver migrates it.
 * @module
 */
export { VirtioDevice, type VirtioDeviceOptions } from "./virtio_device.ts";
export { VIRTIO_PROFILE, type VirtioProfile } from "./virtio_profile.ts";
export { createPartsObjects, MAX_PARTS_OBJECTS, type PartsObjects } from "./parts_objects.ts";
export { gatheredWhole } from "./parts_loader.ts";
export type { MigrationHeader } from "./migration_header.ts";
