/** What the user chose about a migration; QEMU's names, camelCased. Rates are bytes per second, 0 = no limit. */
export interface MigrationOptions {
  readonly bufferSize: number;
  readonly downtimeLimitMs: number;
  readonly maxBandwidth: number;
  readonly availSwitchoverBandwidth: number;
  readonly switchoverAck: boolean;
  readonly returnPath: boolean;
  /** Whether REINIT is listened for, where the policy knows it. */
  readonly reinit: boolean;
  /** A migration that has not switched over by then fails. */
  readonly maxTimeMs: number;
}
