import { check } from "../system_call_error.ts";

/** Both fds that a call made, in tests that cannot go on without. */
export function pairOf(result: [number, number] | number, call: string): [number, number] {
  if (typeof result !== "number") return result;
  check(result, call, "make two fds for a test");
  throw new TypeError(`Cannot use this as two fds: received ${result}`);
}
