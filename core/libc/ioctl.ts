import { orErrno, setupLibc } from "./library.ts";

/**
 * ioctl(2) with a pointer argument.
 *
 * @param request The number as the kernel's headers build it, 0 to 2^32 - 1.
 * @param argument The request's struct, or `null` for a request that takes none.
 * @returns What the request gives (often 0 or an fd), or a negative errno (-ENOTTY for a request that
 * the file does not know).
 */
export function ioctl(fd: number, request: number, argument: Deno.PointerValue): number {
  return orErrno(setupLibc().ioctl(fd, request, argument));
}

/**
 * ioctl(2) with a number where other requests have a pointer, as CHECK_EXTENSION and SET_IOMMU take.
 *
 * @param argument >= 0.
 * @returns As {@linkcode ioctl}.
 */
export function ioctlNumber(fd: number, request: number, argument: number): number {
  return ioctl(fd, request, Deno.UnsafePointer.create(BigInt(argument)));
}
