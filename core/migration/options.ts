/** What the user chose about a migration; QEMU's names, camelCased. Rates are bytes per second, 0 = no limit. */
export interface MigrationOptions {
  readonly bufferSize: number;
  readonly downtimeLimitMs: number;
  /** Another downtime limit that somebody sets while the migration runs; absent: nobody does. */
  readonly laterDowntimeLimit?: { readonly atMs: number; readonly limitMs: number };
  readonly maxBandwidth: number;
  readonly availSwitchoverBandwidth: number;
  readonly switchoverAck: boolean;
  /** `switchover-ack-legacy` of this side; only 11.1 knows any other way. */
  readonly switchoverAckLegacy: boolean;
  readonly returnPath: boolean;
  /** Whether REINIT is listened for, where the policy knows it. */
  readonly reinit: boolean;
  /** `x-enable-migration`: protocol v1 stayed an experiment, off unless asked for. */
  readonly xEnableMigration: boolean;
  /** With `pause-before-switchover`: how long management takes to say `migrate-continue`. 0 = it is off. */
  readonly pauseBeforeSwitchoverMs: number;
  /** When somebody pauses the guest, after the migration has begun; Infinity = nobody does. */
  readonly guestPausedAtMs: number;
  /** When somebody cancels the migration; Infinity = nobody does. */
  readonly cancelAtMs: number;
  /** A migration that has not switched over by then fails. */
  readonly maxTimeMs: number;
  /** For how long a switchover is held back, whatever the policy says; at once where it is not given. */
  readonly precopyMs?: number;
}

/**
 * What QEMU itself takes, where that has to be modelled (virtual clock). On the wall clock all of it is 0:
 * there the engine takes what it takes.
 */
export interface HostCosts {
  /** Setting the migration up at the source, before its devices; nothing unless given. */
  readonly setupNs?: number;
  readonly passNs: number;
  readonly queryNs: number;
  readonly stopNs: number;
  readonly configNs: number;
  readonly startNs: number;
  /** From the destination's last word, or the own flush, until the source calls it the end; nothing unless given. */
  readonly finishNs?: number;
}

export const NO_COSTS: HostCosts = { passNs: 0, queryNs: 0, stopNs: 0, configNs: 0, startNs: 0 };
