/**
 * What a trial did, written down as QEMU's log backend writes its trace events, so that scripts made for those
 * logs read ours.
 *
 * @module
 */
export { formOf, type LogForm } from "./log_form.ts";
export { type TracedStep, type TracedTrial, traceRecorder } from "./traced_trial.ts";
export { type TraceFiles, traceFiles, writeTrace } from "./write_trace.ts";
