import {
  type Fault,
  isChannelFault,
  isDeviceFault,
  isLieFault,
  isUserFault,
} from "../../core/fault/mod.ts";
import { MULTIFD_AT, MULTIFD_SIZE } from "../../core/wire/multifd/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { Trial } from "../trial/mod.ts";

const PHASES = ["setup", "precopy", "switchover", "stop-copy", "load", "resume", "cleanup"];

/** What no message may have in it: what was forgotten, and errnos without a name. */
const GARBLED = /undefined|NaN|\[object|errno \d|null/;

/** Faults that pass over by themselves, so that what fails afterwards need not be theirs. */
const PASSING = new Set<string>(["short", "slow", "EINTR", "ENOMSG", "lie"]);

/** Calls as errors name them that a device or a channel fails; others are messages that are refused. */
const DEVICE_CALLS_SAID = /^(read|write|SET MIG_DEVICE_STATE|pread|pwrite|VFIO_)/;

/**
 * What a trial may not be, however it went wrong: a line for each rule that it breaks.
 *
 * - It completed and its state was verified, or it failed with an error that says in which phase, and which call gave
 *   which errno, where a call did.
 * - Exactly one guest runs, or the error says why not. Where it is the source's, its devices are RUNNING, or the
 *   error says which is not.
 * - A byte that was damaged is in no state that was verified.
 * - It ended within its time.
 */
export function checkTrial(one: Case, trial: Trial, limit_ms: number): string[] {
  return [
    ...checkOutcome(one, trial),
    ...checkError(trial),
    ...checkGuest(trial),
    ...checkBlame(one, trial),
    ...checkDamage(one, trial),
    ...checkTime(trial, limit_ms),
  ];
}

function checkOutcome(one: Case, { record }: Trial): string[] {
  const broken: string[] = [];
  const { outcome, error, state_verified, metrics } = record;
  if (outcome === "completed" && error !== null) broken.push("it completed with an error");
  if (outcome === "completed" && !state_verified) broken.push("it completed unverified");
  if (outcome !== "completed" && error === null) broken.push(`it ${outcome} without an error`);
  if (outcome === "cancelled" && !mayBeCancelled(one)) {
    broken.push("it was cancelled, and nobody wanted that");
  }
  if (outcome !== "completed" && Object.keys(metrics).length > 0) {
    broken.push(`it ${outcome} and has metrics`);
  }
  if (outcome === "completed" && !((metrics.downtime_ms ?? -1) >= 0)) {
    broken.push(`its downtime is ${metrics.downtime_ms}`);
  }
  return broken;
}

function checkError({ record: { error } }: Trial): string[] {
  if (error === null) return [];
  const { message, phase, call, errno } = error;
  const broken: string[] = [];
  if (message.length < 10 || GARBLED.test(message)) broken.push(`its message is "${message}"`);
  if (!PHASES.includes(phase)) broken.push(`its phase is ${phase}`);
  if (errno !== null && !/^E[A-Z0-9]+$/.test(errno)) broken.push(`its errno is ${errno}`);
  // A device that says it moved and did not has failed without an errno.
  if (call !== null && errno === null && !message.includes("success")) {
    broken.push(`its call ${call} has no errno`);
  }
  return broken;
}

function checkGuest({ record: { outcome, error }, aftermath }: Trial): string[] {
  const { guest, source, destination } = aftermath;
  const said = error?.message ?? "";
  const notRunning = (states: Readonly<Record<string, string>>) =>
    Object.entries(states).filter(([, state]) => state !== "RUNNING");
  const broken: string[] = [];
  if (outcome === "completed") {
    if (guest !== "destination") broken.push(`it completed, and the guest is at ${guest}`);
    for (const [id, state] of notRunning(destination)) {
      broken.push(`it completed, and ${id} is ${state} at the destination`);
    }
    return broken;
  }
  if ((guest === "both" || guest === "neither") && !said.includes("guest")) {
    broken.push(`guests run at ${guest}, and nothing is said of it: ${said}`);
  }
  if (guest === "source" || guest === "both") {
    for (const [id, state] of notRunning(source)) {
      if (!said.includes(`${id} is left in`)) {
        broken.push(`${id} is ${state} at the source, and nothing is said of it: ${said}`);
      }
    }
  }
  return broken;
}

/** Where one thing struck that does not pass over, a call that failed is that one. */
function checkBlame({ faults, params }: Case, { record, aftermath }: Trial): string[] {
  const { error, outcome } = record;
  if (error === null || error.call === null || outcome === "cancelled") return [];
  if (!DEVICE_CALLS_SAID.test(error.call)) return [];
  const struck = aftermath.injections.map(({ fault }) => faults[fault])
    .filter((fault) => fault !== undefined);
  const lasting = struck.filter(({ give }) => !PASSING.has(give));
  const [only, ...others] = lasting;
  if (only === undefined || others.length > 0 || !isDeviceFault(only)) return [];
  if (struck.some(isLieFault) || params.max_queued_bytes > 0) return [];
  if (error.device === only.on && error.errno === only.give) return [];
  // Who is interrupted for ever fails with that, and so does whoever is told that nothing is there.
  if (struck.some((fault) => fault !== only && fault.give === error.errno)) return [];
  return [
    `${only.call} of ${only.on} gave ${only.give}, and ${error.call} of ${error.device} is blamed with ${error.errno}: ${error.message}`,
  ];
}

/** A fault that changes a byte of the state. */
function damages(fault: Fault): boolean {
  return isChannelFault(fault)
    ? fault.give === "corrupt"
    : isLieFault(fault) && fault.lie === "bytes-changed";
}

/**
 * What was damaged and completed all the same: on the virtual clock nothing; on the wall clock the state was compared
 * byte for byte, so that it can only be one whose damaged byte was sent again, or was none of the state.
 */
function checkDamage(one: Case, { record, aftermath }: Trial): string[] {
  if (record.outcome !== "completed" || isSentAgain(one)) return [];
  return aftermath.injections.flatMap(({ fault }) => {
    const struck = one.faults[fault];
    return struck !== undefined && damages(struck) && !saysNothing(struck, one)
      ? [`it completed though a byte was damaged: fault ${fault}`]
      : [];
  });
}

/**
 * Whether a corrupt byte is one of multifd's that nobody looks at, QEMU neither: what the init packet is filled up with,
 * and in the first packet what follows the name's NUL (`core/wire/multifd/layout.ts`).
 */
function saysNothing(fault: Fault, { devices }: Case): boolean {
  if (!isChannelFault(fault) || fault.on === "channel") return false;
  const { byte } = fault;
  const shortest = Math.min(...devices.map(({ id }) => `${id}/vfio`.length));
  const name = MULTIFD_SIZE.INIT + MULTIFD_AT.IDSTR;
  return (byte > MULTIFD_AT.INIT_ID && byte < MULTIFD_SIZE.INIT) ||
    (byte > name + shortest && byte < name + MULTIFD_SIZE.IDSTR);
}

/** Whether a byte of the state may be sent more than once, on a clock that has bytes. */
function isSentAgain({ clock, devices, ram }: Case): boolean {
  if (clock === "virtual") return false;
  return ram.dirty_rate > 0 || devices.some((device) => {
    if (device.kind === "virtio") return device.profile.precopy;
    if (device.kind !== "simulated") return true;
    const { dirty_rate, precopy_error_at_ms, reinit_at_ms } = device.profile;
    return dirty_rate > 0 || precopy_error_at_ms > 0 || reinit_at_ms.length > 0;
  });
}

function checkTime({ aftermath: { took_ms } }: Trial, limit_ms: number): string[] {
  return took_ms === null || took_ms <= limit_ms
    ? []
    : [`it took ${took_ms.toFixed(0)} ms of ${limit_ms}`];
}

/** Whether a user may stop it: the plan's, or the scenario's. */
function mayBeCancelled({ faults, params }: Case): boolean {
  return params.cancel_at_ms > 0 || faults.some(isUserFault);
}
