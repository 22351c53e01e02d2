/** A recording that cannot be used, in one line: which file, what is wrong, where. */
export class RecordingError extends Error {
  override name = "RecordingError";
}
