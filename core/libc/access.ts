import { toCString } from "./c_string.ts";
import { ERRNO } from "./errno.ts";
import { orErrno, setupLibc } from "./library.ts";

/** What {@linkcode access} asks for; or-ed. */
export const ACCESS = { F_OK: 0, W_OK: 2, R_OK: 4 } as const;

/**
 * access(2): whether a path is there and this process may use it, without opening it. Opening a device is no
 * way to ask: it can wake the hardware.
 *
 * @param path A path without NUL, else -EINVAL.
 * @param mode {@linkcode ACCESS} values.
 * @returns 0, or a negative errno.
 */
export function access(path: string, mode: number): number {
  const name = toCString(path);
  if (name === null) return -ERRNO.EINVAL;
  return orErrno(setupLibc().access(name, mode));
}
