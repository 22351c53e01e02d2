/**
 * Trials: in which order, how each is played, and what is kept of it.
 * @module
 */
export type { TimelineEvent, TrialError, TrialRecord } from "./record.ts";
export { type PlayOptions, playTurns } from "./play_turns.ts";
export { schedule, type Turn } from "./schedule.ts";
export { buildDevices } from "./build_devices.ts";
export { probeDevices, type RealDevices } from "./probe_devices.ts";
export { openRecordings } from "./open_recordings.ts";
export { preflight } from "./preflight.ts";
export { runVirtualTrial } from "./virtual_trial.ts";
export { type KeptOfTrial, migrationOptions, runWallTrial, type Trial } from "./wall_trial.ts";
