/**
 * Run folders: written trial by trial, read back whole or not, gone on with, merged.
 * @module
 */
export { captureEnvironment, type Environment } from "./environment.ts";
export { exportHgrm, hgrmTexts } from "./export_hgrm.ts";
export { type MergedRun, type MergeOptions, mergeRuns } from "./merge_runs.ts";
export { readRun, type StoredRun } from "./read_run.ts";
export { type ReopenedRun, reopenRun } from "./reopen_run.ts";
export { issueText, readableRun, RunError } from "./run_error.ts";
export {
  type CaseMeta,
  type ExpectationMeta,
  RUN_SCHEMA,
  type RunMeta,
  type RunOrigin,
  type ShardMeta,
  type StopMeta,
} from "./run_schema.ts";
export {
  appendTrial,
  createRun,
  type CreateRunOptions,
  finishRun,
  leaveRun,
  type Run,
  RUN_FILES,
} from "./write_run.ts";
