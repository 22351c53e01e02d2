/**
 * What a decoder throws on bytes that are no migration stream, and nothing else.
 *
 * The message is one line for people: where, what would have been right, and what was there instead.
 */
export class WireError extends Error {
  override name = "WireError";
  /** Where in the stream the offending bytes begin. */
  readonly offset: number;
  /** What would have been right. */
  readonly expected: string;
  /** What was there instead. */
  readonly received: string;

  constructor(offset: number, expected: string, received: string) {
    super(`Cannot read byte ${offset} of the stream as ${expected}: received ${received}`);
    this.offset = offset;
    this.expected = expected;
    this.received = received;
  }
}
