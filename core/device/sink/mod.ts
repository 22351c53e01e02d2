/**
 * Destinations that are no devices.
 * @module
 */
export { SinkDevice, type SinkHandover } from "./sink_device.ts";
