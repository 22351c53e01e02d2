import { errnoMessage, errnoName } from "../libc/mod.ts";

/** Where a migration is. */
export type Phase =
  | "setup"
  | "precopy"
  | "switchover"
  | "stop-copy"
  | "load"
  | "resume"
  | "cleanup";

/** What went wrong, as data that can be kept and handed between Workers. */
export interface Failure {
  readonly message: string;
  /** The device's id; null where it is none's fault. */
  readonly device: string | null;
  readonly phase: Phase;
  /** The call that failed, by the kernel's name; null where none did. */
  readonly call: string | null;
  /** Its errno, by name. */
  readonly errno: string | null;
  /** Whether the user asked for it. */
  readonly cancelled: boolean;
  /** Whether the side itself is gone, and its guest with it. */
  readonly died?: true;
  /** Whether the device was to be reset because of it, and that failed too. */
  readonly resetFailed?: boolean;
}

/** A migration that cannot go on. */
export class MigrationError extends Error {
  override name = "MigrationError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A call that gave a negative errno: "Cannot <what> of <device> in <phase>: <call> gave EIO (...)". */
export function callFailure(
  what: string,
  device: string | null,
  phase: Phase,
  call: string,
  result: number,
): Failure {
  const name = errnoName(result);
  const of = device === null ? "" : ` of ${device}`;
  return {
    message: `Cannot ${what}${of} in ${phase}: ${call} gave ${name} (${errnoMessage(result)})`,
    device,
    phase,
    call,
    errno: name,
    cancelled: false,
  };
}

/** A failure with a reason in words, and no call to blame. */
export function reasonFailure(
  message: string,
  phase: Phase,
  device: string | null = null,
): Failure {
  return { message, device, phase, call: null, errno: null, cancelled: false };
}

/**
 * Throws a {@linkcode MigrationError} where a call on a channel's end gave a negative errno, with what that end
 * has to say of it; else gives the result back.
 */
export function mustOnChannel(
  end: { lastError?(): string | null },
  result: number,
  what: string,
  phase: Phase,
): number {
  if (result >= 0) return result;
  const failure = callFailure(what, null, phase, "read", result);
  const detail = end.lastError?.() ?? null;
  throw new MigrationError(
    detail === null ? failure : { ...failure, message: `${failure.message}: ${detail}` },
  );
}

/** Throws a {@linkcode MigrationError} where a call's result is a negative errno; else gives the result back. */
export function must(
  result: number,
  what: string,
  device: string | null,
  phase: Phase,
  call: string,
): number {
  if (result < 0) throw new MigrationError(callFailure(what, device, phase, call, result));
  return result;
}
