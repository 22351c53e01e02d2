/**
 * Gives a file a new text, whole or not at all. Neither the file nor the one that it is written to first is followed
 * where it is a link: a folder that somebody else made cannot have anything written outside of it.
 *
 * ```text
 *   path.tmp    a new file, in the place of whatever has that name
 *   path        is then that file: a link of that name is gone, what it pointed to is as it was
 * ```
 *
 * @throws The system's errors
 */
export function replaceFileText(path: string, text: string): void {
  const part = `${path}.tmp`;
  removeName(part);
  const file = Deno.openSync(part, { write: true, createNew: true });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  } finally {
    file.close();
  }
  Deno.renameSync(part, path);
}

/** Takes a name away, of a link and not of what it points to. */
export function removeName(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
