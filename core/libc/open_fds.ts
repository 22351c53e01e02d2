import { readDirectory } from "./read_directory.ts";

/**
 * How many fds this process has open, in all of its threads. Tests use it to prove that none leaks, in
 * a process of their own: test files that run in parallel share one.
 *
 * @returns The count, or a negative errno.
 */
export function countOpenFds(): number {
  const names = readDirectory("/proc/self/fd");
  // The directory's own fd was among them.
  return typeof names === "number" ? names : names.length - 1;
}
