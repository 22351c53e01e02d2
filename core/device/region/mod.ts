/**
 * Migratable devices of protocol version 1, behind one interface.
 * @module
 */
export { type DataWindow, isRegionDevice, type RegionDevice } from "./region_device.ts";
export { copyBytes, DATA_SECTION_OFFSET } from "./data_section.ts";
export { REGION_DEFAULTS, type RegionOptions } from "./region_options.ts";
export {
  SimulatedRegionDevice,
  type SimulatedRegionDeviceOptions,
} from "./simulated_region_device.ts";
