import { formatSize, MIB } from "../scenario/units.ts";

/**
 * Refuses what is no regular file: a FIFO that nobody writes to would be waited for, and a device such as /dev/zero
 * has no end. To be called before the file is opened, for opening a FIFO waits already.
 *
 * @returns Its size in bytes
 * @throws {Error} with the reason alone, for whoever knows what the file was wanted for
 * @throws {Deno.errors.NotFound} and the system's other errors
 */
export async function refuseIrregular(path: string): Promise<number> {
  const { isFile, isDirectory, size } = await Deno.stat(path);
  if (isFile) return size;
  throw new Error(isDirectory ? "it is a folder" : "it is no regular file");
}

/** Refuses a file that is larger than such a file can be. @throws {Error} with the reason alone */
export function refuseSize(size: number, most_bytes: number): void {
  if (size <= most_bytes) return;
  throw new Error(
    `it has ${formatSize(size)}, more than the ${formatSize(most_bytes)} that such a file may have`,
  );
}

/**
 * A file's text, where it is a regular file and not too large. Bytes that are no UTF-8 become U+FFFD.
 *
 * @param most_bytes The most that the file may have; 16 MiB unless told
 * @throws {Error} with the reason alone
 * @throws {Deno.errors.NotFound} and the system's other errors
 */
export async function readBoundedText(path: string, most_bytes = 16 * MIB): Promise<string> {
  refuseSize(await refuseIrregular(path), most_bytes);
  return await Deno.readTextFile(path);
}
