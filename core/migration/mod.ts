/**
 * The engine: a source and a destination, and the rules they decide by.
 * @module
 */
export { NO_EXPECTED_DOWNTIME_MS } from "./expected_downtime.ts";
export { runSource, type SourceDeviceReport, type SourceReport } from "./source.ts";
export type { SourcePlan } from "./source_run.ts";
export type { SwitchoverTimes } from "./switchover.ts";
export {
  type DestinationDeviceReport,
  type DestinationPlan,
  type DestinationReport,
  type MultifdDeviceReport,
  runDestination,
} from "./destination.ts";
export { type Failure, MigrationError, type Phase } from "./migration_error.ts";
export { HalfDeath, phaseOf, type PlaceActs, type PlaceSink, placeSink } from "./places.ts";
export {
  createDurationRecorder,
  type DurationRecorder,
  type DurationSink,
  type EstimateEntry,
  type EstimateKind,
  type MigrationEvent,
} from "./observation.ts";
export { type HostCosts, type MigrationOptions, NO_COSTS } from "./options.ts";
export {
  runVirtualMigration,
  type VirtualFaults,
  type VirtualPart,
  type VirtualPlan,
  type VirtualReport,
} from "./virtual_migration.ts";
export type { Checkpoint, TracedCache, TraceSink, TraceStep } from "./trace.ts";
export {
  parsePolicyName,
  POLICIES,
  type Policy,
  type PolicyName,
  STAND_IN_BYTES,
} from "./policy/mod.ts";
export {
  DecisionReplay,
  type PassAnswer,
  type PassCache,
  type PassDevice,
  type PassQuery,
  type PassWindow,
  type ReplayDifference,
  type ReplayOptions,
  type TracedPass,
} from "./replay/mod.ts";
