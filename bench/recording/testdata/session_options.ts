import type { MigrationOptions } from "../../../core/migration/mod.ts";

/** A session of 64 KiB reads, stopped once what is pending fits. */
export const SESSION_OPTIONS: MigrationOptions = {
  bufferSize: 65_536,
  downtimeLimitMs: 300,
  maxBandwidth: 0,
  availSwitchoverBandwidth: 1024 ** 3,
  switchoverAck: false,
  switchoverAckLegacy: false,
  returnPath: false,
  reinit: true,
  xEnableMigration: false,
  pauseBeforeSwitchoverMs: 0,
  guestPausedAtMs: Infinity,
  cancelAtMs: Infinity,
  maxTimeMs: 60_000,
};
