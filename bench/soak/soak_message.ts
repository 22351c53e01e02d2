/**
 * What the soak's main process and its two ends say to each other, a line of JSON each: the main process over an end's
 * stdin, an end over its stdout.
 *
 * ```text
 *     main      (starts it)          migrate ----->                end
 *     end                  <- ready            <- migrated
 * ```
 *
 * @module
 */

/** How an end is started: its one argument. */
export interface EndOptions {
  /** As `--listen` has it. */
  readonly address: string;
  readonly tokenFile: string;
  readonly sets: readonly string[];
}

/** What an end is told. */
export interface Migrate {
  /** Where the other one listens. */
  readonly to: string;
  readonly multifd: boolean;
  readonly number: number;
}

/** What came of it. */
export interface Migrated {
  readonly error: string | null;
  readonly state_verified: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  readonly downtime_rests_on: string | null;
  /**
   * SHA-256 of those parts of the states that are never dirtied, as the source began with them; null where it began
   * with states of its own.
   */
  readonly began_with: readonly string[] | null;
}

/** The first line of an end. */
export interface Ready {
  readonly address: string;
}
