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

/**
 * What QEMU itself takes, where that has to be modelled (virtual clock). On the wall clock all of it is 0:
 * there the engine takes what it takes.
 */
export interface HostCosts {
  readonly passNs: number;
  readonly queryNs: number;
  readonly stopNs: number;
  readonly configNs: number;
  readonly startNs: number;
}

export const NO_COSTS: HostCosts = { passNs: 0, queryNs: 0, stopNs: 0, configNs: 0, startNs: 0 };
