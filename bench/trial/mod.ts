/**
 * Trials: in which order, how each is played, and what is kept of it.
 * @module
 */
export type { TimelineEvent, TrialError, TrialRecord } from "./record.ts";
export { type PlayOptions, playTurns } from "./play_turns.ts";
export { schedule, type Turn } from "./schedule.ts";
export { preflight } from "./preflight.ts";
export { runVirtualTrial } from "./virtual_trial.ts";
export { destinationOf, runWallTrial, type Trial } from "./wall_trial.ts";
