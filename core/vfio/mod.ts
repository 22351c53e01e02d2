/**
 * The VFIO migration protocol (version 2) as data and pure functions: states and arcs, data
 * transfer sessions, ioctl numbers, error numbers and structure layouts. No I/O, no FFI, no clock.
 *
 * @example The way of a device from running to stop-copy
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { DEVICE_STATE, MIGRATION, opensSession, transitionPath } from "./mod.ts";
 *
 * const { RUNNING, STOP, STOP_COPY } = DEVICE_STATE;
 * assertEquals(transitionPath(MIGRATION.STOP_COPY, RUNNING, STOP_COPY), [STOP, STOP_COPY]);
 * assertEquals(opensSession(STOP, STOP_COPY), "saving");
 * ```
 *
 * @module
 */

export * from "./bind_iommufd.ts";
export * from "./data_session.ts";
export * from "./device_info.ts";
export * from "./device_state.ts";
export * from "./dma_logging.ts";
export * from "./feature.ts";
export * from "./fsm.ts";
export * from "./group_status.ts";
export * from "./ioctl.ts";
export * from "./iommu_type.ts";
export * from "./migration_flags.ts";
export * from "./precopy_info.ts";
export * from "./u64.ts";
