/**
 * What a migration does step by step, at the grain at which QEMU traces: each query with its answers, each
 * buffer, each window, each arc. Numbers only; in which words they are written down is the listener's matter.
 *
 * Nothing is told unless somebody listens, and nothing that is told is made before that is known.
 *
 * @module
 */

import type { Clock } from "../clock/mod.ts";
import { type DeviceState, PRECOPY_INFO, type PrecopyInfo } from "../vfio/mod.ts";
import type { PendingCache } from "./policy/mod.ts";

/** What the source remembered of a device when a query was summed up; sizes are u64 as `core/vfio` holds them. */
export interface TracedCache {
  readonly device: string;
  readonly initialBytes: number;
  readonly dirtyBytes: number;
  readonly stopCopyLength: number;
  readonly inPrecopy: boolean;
  /** Whether this query collected a request for an ack of it. */
  readonly asksForAck: boolean;
}

/** The moments of the downtime that both sides note. */
export type Checkpoint =
  | "source-decided"
  | "source-stopped"
  | "source-devices-saved"
  | "source-config-saved"
  | "source-end"
  | "destination-loaded"
  | "destination-running";

/** One step. A device is named by its id; RAM has none. */
export type TraceStep =
  | {
    readonly step: "status";
    readonly status:
      | "setup"
      | "active"
      | "pre-switchover"
      | "device"
      | "completed"
      | "failed"
      | "cancelled";
  }
  /** The destination can answer; and its last word has come. */
  | { readonly step: "return-path" | "shut" }
  | { readonly step: "ram-synced"; readonly dirtyBytes: number }
  /** An arc is asked for; `recover` is where the device goes if it fails. */
  | {
    readonly step: "set-state";
    readonly device: string;
    readonly state: DeviceState;
    readonly recover: DeviceState;
  }
  /** The device is there. */
  | { readonly step: "state-reached"; readonly device: string; readonly state: DeviceState }
  /** MIG_DATA_SIZE: the call's result, and what the source goes by from now on. */
  | {
    readonly step: "data-size";
    readonly device: string;
    readonly result: number;
    readonly stopCopyLength: number;
  }
  /** VFIO_MIG_GET_PRECOPY_INFO: the same. */
  | {
    readonly step: "precopy-info";
    readonly device: string;
    readonly result: number;
    readonly initialBytes: number;
    readonly dirtyBytes: number;
    readonly reinit: boolean;
    readonly asksForAck: boolean;
  }
  /** The device is there: what it can, as MIGRATION's flags, and whether it was opted in to MIG_PRECOPY_INFOv2. */
  | {
    readonly step: "device-known";
    readonly device: string;
    readonly migrationFlags: number;
    readonly precopyInfoV2: boolean;
  }
  | { readonly step: "device-set-up"; readonly device: string; readonly bufferBytes: number }
  /** A query over RAM and all devices, and what the source still waits for after it. */
  | {
    readonly step: "pending";
    readonly query: "estimate" | "exact" | "final";
    readonly ramBytes: number;
    readonly precopyBytes: number;
    readonly stopCopyBytes: number;
    readonly total: number;
    readonly collectedAcks: number;
    readonly pendingAcks: number;
    readonly devices: readonly TracedCache[];
  }
  /** Everybody's turn begins. */
  | { readonly step: "iterate" }
  /** RAM's turn (null) or a device's. */
  | { readonly step: "turn"; readonly device: string | null }
  | { readonly step: "turn-over"; readonly device: string | null; readonly finished: boolean }
  /** A buffer of device state was sent. */
  | { readonly step: "block"; readonly device: string; readonly bytes: number }
  /** The device had nothing for now. */
  | { readonly step: "empty"; readonly device: string }
  /** What is left by the source's own account after a device's turn. */
  | {
    readonly step: "iterated";
    readonly device: string;
    readonly initialBytes: number;
    readonly dirtyBytes: number;
  }
  | { readonly step: "init-data-sent"; readonly device: string }
  | {
    readonly step: "window";
    readonly transferredBytes: number;
    readonly timeSpentMs: number;
    readonly mbps: number;
    readonly switchoverBytesPerMs: number;
    readonly availSwitchoverBandwidth: number;
    readonly threshold: number;
  }
  /** Of the whole migration, over all channels. */
  | { readonly step: "transferred"; readonly mainBytes: number; readonly multifdBytes: number }
  | { readonly step: "acked"; readonly pendingAcks: number }
  | { readonly step: "checkpoint"; readonly checkpoint: Checkpoint }
  | { readonly step: "switchover-start" }
  | { readonly step: "stop-copy" | "stop-copy-over"; readonly device: string }
  | { readonly step: "config-saved"; readonly device: string }
  /** With multifd: the device's save thread runs, and all of them are over. */
  | { readonly step: "save-thread" | "save-thread-over"; readonly device: string }
  /** How long RAM (null) or a device took of the downtime. */
  | {
    readonly step: "downtime-save" | "downtime-load";
    readonly device: string | null;
    readonly tookNs: number;
  }
  | { readonly step: "cleaned-up"; readonly device: string }
  | { readonly step: "load-set-up"; readonly awaitedAcks: number }
  | { readonly step: "load"; readonly device: string; readonly what: "setup" | "data" | "config" }
  | {
    readonly step: "loaded";
    readonly device: string;
    readonly bytes: number;
  }
  | { readonly step: "approved"; readonly device: string; readonly awaitedAcks: number }
  | { readonly step: "reply"; readonly kind: "ack" | "shut" };

/** Takes a step and when it was, in nanoseconds of the run's clock; null or absent where nobody listens. */
export type TraceSink = ((atNs: number, step: TraceStep) => void) | null | undefined;

/** Whoever tells its steps. */
export interface Traced {
  readonly clock: Clock;
  readonly onTrace?: TraceSink;
}

/** Tells a step. Ask `onTrace` first where making the step costs something. */
export function trace({ onTrace, clock }: Traced, step: TraceStep): void {
  onTrace?.(clock.nowNs(), step);
}

/** What the answer of VFIO_MIG_GET_PRECOPY_INFO is as a step. */
export function precopyInfoStep(
  device: string,
  result: number,
  info: Readonly<PrecopyInfo>,
  cache: Readonly<PendingCache>,
): TraceStep {
  return {
    step: "precopy-info",
    device,
    result,
    initialBytes: cache.initialBytes,
    dirtyBytes: cache.dirtyBytes,
    reinit: result >= 0 && cache.precopyInfoV2 && (info.flags & PRECOPY_INFO.REINIT) !== 0,
    asksForAck: cache.ackRequested,
  };
}
