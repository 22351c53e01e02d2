/**
 * The VFIO migration protocol, version 1 (QEMU 5.2 to 7.2), as data and pure functions: the migration
 * region's layout, the bits of its `device_state`, how accesses to it are cut, what of it can be mapped,
 * and the ioctl for dirty pages. No I/O, no FFI, no clock.
 *
 * @module
 */

export * from "./access.ts";
export * from "./dirty_pages.ts";
export * from "./layout.ts";
export * from "./mmap_area.ts";
export * from "./region_state.ts";
