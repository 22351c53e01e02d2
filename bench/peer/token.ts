import { UsageError } from "../usage_error.ts";

const FEWEST_BYTES = 16;
const MOST_BYTES = 4096;

/**
 * Reads the secret that both processes of a migration have, without the line end that an editor leaves.
 *
 * @throws {UsageError} in one line, for a file that others than its owner can read, or a secret that is short
 */
export function readToken(path: string): Uint8Array<ArrayBuffer> {
  const refuse = (why: string): never => {
    throw new UsageError(`Cannot take --token-file ${path}: ${why}`);
  };
  const bytes = readWhole(path, refuse);
  let length = bytes.length;
  while (length > 0 && (bytes[length - 1] === 0x0a || bytes[length - 1] === 0x0d)) length--;
  if (length < FEWEST_BYTES) {
    refuse(
      `it has ${length} bytes and needs ${FEWEST_BYTES} or more; head -c 32 /dev/urandom | base64 makes a good one`,
    );
  }
  return bytes.slice(0, length);
}

/** What was looked at is what is read: the file is opened once. */
function readWhole(path: string, refuse: (why: string) => never): Uint8Array<ArrayBuffer> {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  try {
    const { isFile, size, mode } = file.statSync();
    if (!isFile) refuse("it is no file");
    if (mode !== null && (mode & 0o077) !== 0) {
      refuse(
        `others than its owner can use it (mode ${
          (mode & 0o777).toString(8).padStart(4, "0")
        }); chmod 600 it`,
      );
    }
    if (size > MOST_BYTES) refuse(`it has ${size} bytes and may have ${MOST_BYTES}`);
    const bytes = new Uint8Array(MOST_BYTES);
    let length = 0;
    for (;;) {
      const n = file.readSync(bytes.subarray(length));
      if (n === null || n === 0) return bytes.slice(0, length);
      length += n;
    }
  } finally {
    file.close();
  }
}
