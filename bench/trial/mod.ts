/**
 * Trials: in which order, how each is played, when there are enough, and what is kept of each.
 * @module
 */
export type { TimelineEvent, TrialError, TrialRecord } from "./record.ts";
export { type Cases, type PlayOptions, playTurns, type TrialPlayer } from "./play_turns.ts";
export { schedule, type Turn } from "./schedule.ts";
export { buildDevices } from "./build_devices.ts";
export { probeDevices, type RealDevices } from "./probe_devices.ts";
export { openRecordings } from "./open_recordings.ts";
export { preflight } from "./preflight.ts";
export { createSpares, type Spares } from "./spares.ts";
export { createSpareWorkers, type SpareWorkers } from "./spare_workers.ts";
export { createRounds, type Rounds } from "./rounds.ts";
export { startWarnings, stopWarnings } from "./run_warnings.ts";
export {
  DEFAULT_PRECISION_METRIC,
  fewestForRule,
  MOST_TRIALS,
  PRECISION_METRICS,
  type StopRule,
} from "./stop_rule.ts";
export type { TrialAftermath } from "./aftermath.ts";
export { runVirtualTrial } from "./virtual_trial.ts";
export type { KeptOfTrial } from "./kept_of_trial.ts";
export { destinationOf, migrationOptions } from "./migration_options.ts";
export { runWallTrial, type Trial } from "./wall_trial.ts";
export { limitOf } from "./watch_trial.ts";
