/**
 * Lists what is in a saved migration stream.
 * @module
 */
export type { DeviceTotal, Entry, RamSummary, RecordRun, Totals } from "./entry.ts";
export { type Inspected, inspectFile } from "./inspect_file.ts";
export { entryLine, HEADING, totalLines } from "./text.ts";
