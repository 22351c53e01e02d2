/**
 * Run folders: written trial by trial, read back whole or not.
 * @module
 */
export { captureEnvironment, type Environment } from "./environment.ts";
export { readRun, type StoredRun } from "./read_run.ts";
export { RunError } from "./run_error.ts";
export {
  type CaseMeta,
  type ExpectationMeta,
  RUN_SCHEMA,
  type RunMeta,
  type RunOrigin,
} from "./run_schema.ts";
export {
  appendTrial,
  createRun,
  type CreateRunOptions,
  finishRun,
  type Run,
  RUN_FILES,
} from "./write_run.ts";
