/** A run folder that cannot be written or read, in one line. */
export class RunError extends Error {
  override name = "RunError";
}
