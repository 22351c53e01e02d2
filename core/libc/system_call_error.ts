import { errnoName } from "./errno.ts";
import { errnoMessage } from "./errno_message.ts";

/** A failed system call, for the cold paths that give up on it. */
export class SystemCallError extends Error {
  /** The call that failed, such as `"open"`. */
  readonly call: string;
  /** The error number, positive. */
  readonly errno: number;
  /** Its name, such as `"ENOENT"`. */
  readonly errnoName: string;

  /**
   * @param call The call that failed, such as `"open"`.
   * @param errno Positive, or negative as the call returned it.
   * @param what What cannot be done now, to follow "Cannot", such as `"read scenario a.json"`.
   */
  constructor(call: string, errno: number, what: string) {
    super(`Cannot ${what}: ${call} gave ${errnoName(errno)} (${errnoMessage(errno)})`);
    this.name = "SystemCallError";
    this.call = call;
    this.errno = Math.abs(errno);
    this.errnoName = errnoName(errno);
  }
}

/**
 * Passes a result >= 0 on and throws for a negative errno.
 *
 * @example
 * ```ts
 * import { check } from "./system_call_error.ts";
 * import { memfdCreate } from "./memfd.ts";
 *
 * const fd = check(memfdCreate("state"), "memfd_create", "make room for a device's state");
 * ```
 *
 * @throws {SystemCallError} "Cannot <what>: <call> gave <ENAME> (<message>)".
 */
export function check(result: number, call: string, what: string): number {
  if (result < 0) throw new SystemCallError(call, result, what);
  return result;
}
