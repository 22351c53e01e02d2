import { ERRNO } from "../../libc/mod.ts";
import {
  cancelLoads,
  configReady,
  endLoad,
  type LoadGate,
  loadsCancelled,
  releaseConfigTurn,
  switchoverStarted,
  takeConfigTurn,
  transferEnabled,
} from "./load_gate.ts";
import {
  createReassembly,
  insertBuffer,
  NEXT,
  nextBuffer,
  noteWritten,
  type Reassembly,
  type ReassemblyOptions,
} from "./reassembly.ts";

/** What a device's load thread does next; its result is given to {@linkcode nextLoadStep}. */
export const LOAD_STEP = {
  /** Wait until SWITCHOVER_START came. Result: 0. */
  WAIT_SWITCHOVER: 0,
  /** Wait until the next buffer came (QEMU's trace: starved). Result: 0. */
  STARVED: 1,
  /** write(2) `buffers.handle` from `buffers.written` to `buffers.length`. Result: what it took. */
  WRITE: 2,
  /** Wait until the device's CONFIG_LOAD_READY came. Result: 0. */
  WAIT_CONFIG_READY: 3,
  /** Wait until no other device loads its configuration. Result: 0. */
  WAIT_CONFIG_TURN: 4,
  /** Load the configuration in `buffers.handle`. Result: 0. */
  LOAD_CONFIG: 5,
  /** Nothing: the device is loaded. */
  DONE: 6,
  /** Nothing: it failed with `result`. */
  FAILED: 7,
} as const;

/** A device's load thread, as far as it came. */
export interface DeviceLoad {
  readonly device: number;
  readonly buffers: Reassembly;
  /** One of {@linkcode LOAD_STEP}. */
  step: number;
  /** The handle whose buffer the last result finished, so that its memory is free; -1 if it finished none. */
  freed: number;
  /** The bytes of all buffers written, the configuration's not. */
  loadedBytes: number;
  /** How often it had to wait for a buffer. */
  starved: number;
  /** 0, or the negative errno that it failed with. */
  result: number;
}

/** A load that has not begun: its first step is WAIT_SWITCHOVER. */
export function createDeviceLoad(device: number, options: ReassemblyOptions = {}): DeviceLoad {
  return {
    device,
    buffers: createReassembly(options),
    step: LOAD_STEP.WAIT_SWITCHOVER,
    freed: -1,
    loadedBytes: 0,
    starved: 0,
    result: 0,
  };
}

/**
 * Takes a buffer in that came over a channel, at any time: before SWITCHOVER_START it is queued. What cannot be
 * taken ends all loads.
 *
 * @param gate The gate of all loads
 * @param load The device's load
 * @param idx As for `insertBuffer`
 * @param isConfig As for `insertBuffer`
 * @param length As for `insertBuffer`
 * @param handle 0 or more; as for `insertBuffer`
 * @returns As `insertBuffer`, or -EOPNOTSUPP for a device without multifd transfer; `buffers.reason` says why
 */
export function receiveBuffer(
  gate: LoadGate,
  load: DeviceLoad,
  idx: number,
  isConfig: boolean,
  length: number,
  handle: number,
): number {
  const { buffers, device } = load;
  let result: number = -ERRNO.EOPNOTSUPP;
  if (transferEnabled(gate, device)) {
    result = insertBuffer(buffers, idx, isConfig, length, handle);
  } else {
    buffers.reason = "got device state packet but not doing multifd transfer";
  }
  if (result < 0) cancelLoads(gate, result, device);
  return result;
}

/**
 * What a load thread does after a step. Whether it is to end is looked at before all else, when it was waiting and
 * before each buffer; a buffer in hand is written to its end (facts).
 *
 * ```text
 *   WAIT_SWITCHOVER -> WRITE <-> STARVED          cancelled, or a result < 0: FAILED
 *                        |
 *                        +-> WAIT_CONFIG_READY -> WAIT_CONFIG_TURN -> LOAD_CONFIG -> DONE
 * ```
 *
 * After a waiting step call it again whenever something may have changed; it gives the same step until it has.
 *
 * @example A buffer and its configuration
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createLoadGate, startSwitchover } from "./load_gate.ts";
 * import { createDeviceLoad, LOAD_STEP, nextLoadStep, receiveBuffer } from "./load_steps.ts";
 *
 * const gate = createLoadGate([true], false);
 * const load = createDeviceLoad(0);
 * receiveBuffer(gate, load, 1, true, 16, 1);
 * receiveBuffer(gate, load, 0, false, 100, 0);
 * assertEquals(nextLoadStep(gate, load, 0), LOAD_STEP.WAIT_SWITCHOVER);
 * startSwitchover(gate);
 * assertEquals(nextLoadStep(gate, load, 0), LOAD_STEP.WRITE);
 * assertEquals(nextLoadStep(gate, load, 100), LOAD_STEP.LOAD_CONFIG);
 * assertEquals(nextLoadStep(gate, load, 0), LOAD_STEP.DONE);
 * ```
 *
 * @param gate The gate of all loads
 * @param load The device's load
 * @param result What the step in hand gave: 0 or more, or a negative errno
 * @returns The next step
 */
export function nextLoadStep(gate: LoadGate, load: DeviceLoad, result: number): number {
  if (load.step === LOAD_STEP.DONE || load.step === LOAD_STEP.FAILED) return load.step;
  load.freed = -1;
  if (result < 0) return fail(gate, load, result);
  if (load.step === LOAD_STEP.WRITE) {
    const { handle } = load.buffers;
    const whole = noteWritten(load.buffers, result);
    if (whole < 0) return fail(gate, load, whole);
    load.loadedBytes += result;
    if (whole === 0) return LOAD_STEP.WRITE;
    load.freed = handle;
  }
  if (load.step === LOAD_STEP.LOAD_CONFIG) {
    load.freed = load.buffers.handle;
    releaseConfigTurn(gate, load.device);
    endLoad(gate, load.device, 0);
    return load.step = LOAD_STEP.DONE;
  }
  return proceed(gate, load);
}

function proceed(gate: LoadGate, load: DeviceLoad): number {
  if (loadsCancelled(gate) !== 0) return fail(gate, load, -ERRNO.ECANCELED);
  if (!switchoverStarted(gate)) return load.step = LOAD_STEP.WAIT_SWITCHOVER;
  const next = nextBuffer(load.buffers);
  if (next === NEXT.STARVED) {
    if (load.step !== LOAD_STEP.STARVED) load.starved++;
    return load.step = LOAD_STEP.STARVED;
  }
  if (next === NEXT.BUFFER) return load.step = LOAD_STEP.WRITE;
  if (!configReady(gate, load.device)) return load.step = LOAD_STEP.WAIT_CONFIG_READY;
  if (!takeConfigTurn(gate, load.device)) return load.step = LOAD_STEP.WAIT_CONFIG_TURN;
  return load.step = LOAD_STEP.LOAD_CONFIG;
}

function fail(gate: LoadGate, load: DeviceLoad, result: number): number {
  load.result = result;
  releaseConfigTurn(gate, load.device);
  endLoad(gate, load.device, result);
  return load.step = LOAD_STEP.FAILED;
}
