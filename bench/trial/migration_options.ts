import type { MigrationOptions, PolicyName } from "../../core/migration/mod.ts";
import type { Case } from "../scenario/mod.ts";

/** What the engine is told of a case. */
export function migrationOptions({ params, region }: Case): MigrationOptions {
  const never = (at_ms: number) => at_ms === 0 ? Infinity : at_ms;
  return {
    bufferSize: params.buffer_size,
    downtimeLimitMs: params.downtime_limit_ms,
    ...(params.downtime_limit_changes_at_ms === 0 ? {} : {
      laterDowntimeLimit: {
        atMs: params.downtime_limit_changes_at_ms,
        limitMs: params.later_downtime_limit_ms,
      },
    }),
    maxBandwidth: params.max_bandwidth,
    availSwitchoverBandwidth: params.avail_switchover_bandwidth,
    switchoverAck: params.switchover_ack,
    switchoverAckLegacy: params.switchover_ack_legacy,
    returnPath: params.return_path,
    reinit: params.reinit,
    xEnableMigration: region.x_enable_migration,
    pauseBeforeSwitchoverMs: params.pause_before_switchover_ms,
    guestPausedAtMs: never(params.guest_paused_at_ms),
    cancelAtMs: never(params.cancel_at_ms),
    maxTimeMs: params.max_time_ms,
  };
}

/** The destination's, which may be another QEMU than the source's. */
export function destinationOf(
  one: Case,
): { readonly policy: PolicyName; readonly options: MigrationOptions } {
  const { policy, destination_policy, destination_ack_legacy } = one.params;
  const options = migrationOptions(one);
  return {
    policy: destination_policy === "same" ? policy : destination_policy,
    options: destination_ack_legacy === "same"
      ? options
      : { ...options, switchoverAckLegacy: destination_ack_legacy === "on" },
  };
}
