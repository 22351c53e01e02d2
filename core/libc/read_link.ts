import { fromCString, toCString } from "./c_string.ts";
import { ERRNO } from "./errno.ts";
import { orErrno, setupLibc } from "./library.ts";

const PATH_MAX = 4096;

/**
 * readlink(2): what a symbolic link says, not where that leads.
 *
 * @param path A path without NUL, else -EINVAL.
 * @returns The link's text, or a negative errno (-EINVAL for what is no link).
 */
export function readLink(path: string): string | number {
  const name = toCString(path);
  if (name === null) return -ERRNO.EINVAL;
  const text = new Uint8Array(PATH_MAX);
  const length = orErrno(setupLibc().readlink(name, text, text.byteLength));
  return length < 0 ? length : fromCString(text.subarray(0, length));
}
