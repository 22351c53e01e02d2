/** What was given to import cannot be taken: one line says why, and the exit code is 2. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}
