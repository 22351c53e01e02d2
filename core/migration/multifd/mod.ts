/**
 * Multifd device-state transfer as QEMU 10.0 to 11.1 decides it, without threads, clock or bytes.
 *
 * `send_jobs.ts` and `save_steps.ts` are the source, `reassembly.ts`, `load_gate.ts` and `load_steps.ts` the
 * destination.
 *
 * @module
 */
export {
  abortSaves,
  attachSendJobs,
  createSendJobs,
  endSave,
  finishJob,
  pendingJobs,
  saveAborted,
  saveAborter,
  savesRunning,
  SEND_CHANGES_WORD,
  type SendJobs,
  takeChannel,
} from "./send_jobs.ts";
export { createDeviceSave, type DeviceSave, nextSaveStep, SAVE_STEP } from "./save_steps.ts";
export {
  createReassembly,
  DEFAULT_WINDOW,
  insertBuffer,
  NEXT,
  nextBuffer,
  noteWritten,
  type Reassembly,
  type ReassemblyOptions,
} from "./reassembly.ts";
export {
  attachLoadGate,
  cancelLoads,
  configReady,
  createLoadGate,
  endLoad,
  LOAD_CHANGES_WORD,
  loadCanceller,
  type LoadGate,
  loadsCancelled,
  loadsRunning,
  noteConfigReady,
  releaseConfigTurn,
  startSwitchover,
  switchoverStarted,
  takeConfigTurn,
  transferEnabled,
} from "./load_gate.ts";
export {
  createDeviceLoad,
  type DeviceLoad,
  LOAD_STEP,
  nextLoadStep,
  receiveBuffer,
} from "./load_steps.ts";
