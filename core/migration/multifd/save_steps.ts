import { ERRNO } from "../../libc/mod.ts";
import { INVALID_IDX } from "../../wire/multifd/mod.ts";
import { endSave, saveAborted, type SendJobs } from "./send_jobs.ts";

/** What a device's save thread does next; its result is given to {@linkcode nextSaveStep}. */
export const SAVE_STEP = {
  /** SET STOP_COPY if the device is not there (recover STOP). Result: 0. */
  STOP_COPY: 0,
  /** read(2) the data_fd into a buffer. Result: what it gave. */
  READ: 1,
  /** Send the buffer with `idx` and `length`. Result: 0. */
  SEND: 2,
  /** Save the configuration. Result: its length. */
  SAVE_CONFIG: 3,
  /** Send the configuration with `idx` and `length`, flagged. Result: 0. */
  SEND_CONFIG: 4,
  /** Nothing: the device is saved. */
  DONE: 5,
  /** Nothing: it failed with `result`. */
  FAILED: 6,
} as const;

/** A device's save thread, as far as it came. */
export interface DeviceSave {
  readonly device: number;
  /** One of {@linkcode SAVE_STEP}. */
  step: number;
  /** The idx of the buffer in hand. */
  idx: number;
  /** Its length, in bytes. */
  length: number;
  /** The bytes of all buffers, the configuration's not. */
  savedBytes: number;
  /** 0, or the negative errno that it failed with. */
  result: number;
}

/** A save that has not begun: its first step is STOP_COPY. */
export function createDeviceSave(device: number): DeviceSave {
  return { device, step: SAVE_STEP.STOP_COPY, idx: 0, length: 0, savedBytes: 0, result: 0 };
}

/**
 * What a save thread does after a step: STOP_COPY; read and send with idx 0, 1, 2 ... until a read gives 0;
 * the configuration with the next idx. The abort flag is looked at before each read alone (facts), so a device whose stream has ended still sends its configuration. A failure ends the save, and
 * aborts all others.
 *
 * ```text
 *   STOP_COPY -> READ -> SEND -+          any result < 0: FAILED
 *                 ^  |         |
 *                 +--|---------+
 *                    +-> SAVE_CONFIG -> SEND_CONFIG -> DONE
 *                  0
 * ```
 *
 * @param jobs The jobs of all saves
 * @param save The save
 * @param result What the step in hand gave: 0 or more, or a negative errno
 * @returns The next step
 */
export function nextSaveStep(jobs: SendJobs, save: DeviceSave, result: number): number {
  if (save.step === SAVE_STEP.DONE || save.step === SAVE_STEP.FAILED) return save.step;
  if (result < 0) return fail(jobs, save, result);
  switch (save.step) {
    case SAVE_STEP.SEND:
      save.savedBytes += save.length;
      save.idx++;
      return read(jobs, save);
    case SAVE_STEP.READ:
      save.length = result;
      if (result === 0) return save.step = SAVE_STEP.SAVE_CONFIG;
      if (save.idx >= INVALID_IDX - 1) return fail(jobs, save, -ERRNO.EOVERFLOW);
      return save.step = SAVE_STEP.SEND;
    case SAVE_STEP.SAVE_CONFIG:
      save.length = result;
      return save.step = SAVE_STEP.SEND_CONFIG;
    case SAVE_STEP.SEND_CONFIG:
      endSave(jobs, save.device, 0);
      return save.step = SAVE_STEP.DONE;
    default:
      return read(jobs, save);
  }
}

function read(jobs: SendJobs, save: DeviceSave): number {
  if (saveAborted(jobs) !== 0) return fail(jobs, save, -ERRNO.ECANCELED);
  return save.step = SAVE_STEP.READ;
}

function fail(jobs: SendJobs, save: DeviceSave, result: number): number {
  save.result = result;
  endSave(jobs, save.device, result);
  return save.step = SAVE_STEP.FAILED;
}
