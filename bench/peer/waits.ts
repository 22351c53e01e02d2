/** How long a listener waits for what is due, in milliseconds; then it ends the connection. */
export interface Waits {
  /** For a handshake, all of it. */
  readonly handshake_ms: number;
  /** For anything at all, in a session; connectors say something every 5 s. */
  readonly silence_ms: number;
  /** For a line, from its first byte on. */
  readonly line_ms: number;
  /** For a trial's data connections, once it has begun. */
  readonly arrival_ms: number;
  /** For a trial, in a session that has none. */
  readonly idle_ms: number;
  /** For a trial beside its migration's own limits: building devices, and hashing them. */
  readonly beside_ms: number;
}

export const WAITS: Waits = {
  handshake_ms: 5_000,
  silence_ms: 20_000,
  line_ms: 10_000,
  arrival_ms: 10_000,
  idle_ms: 120_000,
  beside_ms: 120_000,
};
