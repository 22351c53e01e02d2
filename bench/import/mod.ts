/**
 * What a real QEMU did, out of its trace logs.
 * @module
 */
export { IMPORT_SCHEMA, type Imported, type LogSummary, type QmpCheck } from "./imported.ts";
export type {
  ClockOffset,
  DecisionDifference,
  Decisions,
  ImportedMigration,
  Moment,
  TracedAck,
  TracedBuffers,
  TracedCheckpoints,
  TracedDestinationDevice,
  TracedDevice,
  TracedPhase,
  TracedQuery,
  TracedState,
  TracedStopCopy,
  TracedVmstate,
  TracedWindow,
} from "./migration.ts";
export { ImportError } from "./import_error.ts";
export { type ImportedTraces, type ImportOptions, importTraces } from "./import_traces.ts";
export { readTrace } from "./read_trace.ts";
export { parseTraceLine, type TraceEvent } from "./trace_event.ts";
export { IMPORT_FILE, type ImportRunOptions, readImport, writeImport } from "./import_run.ts";
export { IMPORTED_SCENARIO, importedTimeline, importedTrial } from "./imported_trial.ts";
export { importLines } from "./import_lines.ts";
export { importDocument, type ImportFields } from "./import_document.ts";
