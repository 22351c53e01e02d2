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
  TracedVmstate,
  TracedWindow,
} from "./migration.ts";
