/** A command line that cannot be carried out: one line, and exit 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
