import { libc, orErrno } from "./library.ts";

/**
 * ioctl(2) with a pointer argument.
 *
 * @param request The number as the kernel's headers build it, 0 to 2^32 - 1.
 * @param argument The request's struct, or `null` for a request that takes none.
 * @returns What the request gives (often 0 or an fd), or a negative errno (-ENOTTY for a request that
 * the file does not know).
 */
export function ioctl(fd: number, request: number, argument: Deno.PointerValue): number {
  return orErrno(libc().ioctl(fd, request, argument));
}
