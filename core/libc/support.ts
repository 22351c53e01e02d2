const STILL_WORKS =
  "virtual-clock runs, listing and checking scenarios, compare and report need nothing of it";

/** Thrown when the C library is needed on a platform whose system calls this folder does not know. */
export class UnsupportedPlatformError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnsupportedPlatformError";
  }
}

/**
 * Says whether real system calls work on a platform: `null` when they do, else one line that names
 * why not and what still works.
 *
 * Constants and struct layouts in this folder are those of Linux on x86-64 and arm64, which agree in
 * all that is used here. Elsewhere they differ, and a variadic `ioctl` is passed differently.
 *
 * @example
 * ```ts
 * import { assertEquals, assertMatch } from "@std/assert";
 * import { libcSupportFor } from "./support.ts";
 *
 * assertEquals(libcSupportFor("linux", "aarch64"), null);
 * assertMatch(libcSupportFor("darwin", "aarch64") ?? "", /^Real migrations need Linux on/);
 * ```
 *
 * @param os As in `Deno.build.os`.
 * @param arch As in `Deno.build.arch`.
 */
export function libcSupportFor(os: string, arch: string): string | null {
  if (os === "linux" && (arch === "x86_64" || arch === "aarch64")) return null;
  return `Real migrations need Linux on x86-64 or arm64, and this is ${os} on ${arch}; ${STILL_WORKS}`;
}

/** {@linkcode libcSupportFor} of the platform that this process runs on. */
export function libcSupport(): string | null {
  return libcSupportFor(Deno.build.os, Deno.build.arch);
}

/** The line for a Linux whose C library cannot be loaded, such as one built on musl alone. */
export function missingLibraryLine(file: string): string {
  return `Real migrations need glibc, and ${file} could not be loaded; ${STILL_WORKS}`;
}
