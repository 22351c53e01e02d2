import type { ChannelEnd, MultifdEnds } from "../../core/channel/mod.ts";
import type {
  DestinationReport,
  MigrationOptions,
  PolicyName,
  SourceReport,
} from "../../core/migration/mod.ts";
import type { DeviceImage, RamProfile } from "../../core/device/mod.ts";
import type { FaultPlan, Injection } from "../../core/fault/mod.ts";
import type { DurationCounts } from "../measure/duration_counts.ts";
import type { DeviceSpec } from "../scenario/mod.ts";
import type { TracedStep } from "../trace/traced_trial.ts";

/** What a trial's Worker is given to build its half of the migration from. */
export interface HalfPlan {
  readonly role: "source" | "destination";
  readonly devices: readonly DeviceSpec[];
  readonly ram: RamProfile;
  readonly options: MigrationOptions;
  readonly policy: PolicyName;
  readonly channel: ChannelEnd;
  /** The channels for device state, beside the main one; null without multifd. */
  readonly multifd: HalfMultifd | null;
  readonly seed: number;
  /** What the files begin with that the devices' sessions are recorded to; null where they are not. */
  readonly recordAs: string | null;
  /** Whether the durations of reads and writes are recorded. */
  readonly measure: boolean;
  /** What goes wrong, at both sides. */
  readonly faults: FaultPlan;
  /** Whether every step is kept, to be written down. */
  readonly traced: boolean;
  /** One word: not 0 once the user wants the migration stopped. */
  readonly cancel: SharedArrayBuffer;
}

/** What a half needs for multifd. */
export interface HalfMultifd {
  readonly ends: MultifdEnds;
  /** What may be queued of a device at the destination, in bytes; 0 = no limit. */
  readonly maxQueuedBytes: number;
}

/**
 * What the main thread tells a Worker, in this order; `run` blocks the Worker until its half is over.
 *
 *     main      plan ------> run ------> verify (source only) ----> close
 *     Worker        <- ready     <- done                <- verified      <- closed
 */
export type ToWorker =
  | { readonly type: "plan"; readonly plan: HalfPlan }
  | { readonly type: "run" }
  | { readonly type: "verify"; readonly images: readonly DeviceImage[] }
  | { readonly type: "close" };

/** What a Worker answers. The images are its devices' states (RAM last, where there is any), to be compared. */
export type FromWorker =
  | { readonly type: "ready"; readonly images: readonly DeviceImage[] }
  | {
    readonly type: "done";
    readonly role: "source";
    readonly report: SourceReport;
    readonly injections: readonly Injection[];
    readonly durations: DurationCounts | null;
    readonly trace: readonly TracedStep[] | null;
  }
  | {
    readonly type: "done";
    readonly role: "destination";
    readonly report: DestinationReport;
    readonly injections: readonly Injection[];
    readonly durations: DurationCounts | null;
    readonly trace: readonly TracedStep[] | null;
  }
  /** The index of the first image that differs and where; null where all are the same. */
  | {
    readonly type: "verified";
    readonly difference: { readonly image: number; readonly offset: number } | null;
  }
  /** With a line for each real device that could not be brought back to RUNNING. */
  | { readonly type: "closed"; readonly obstacles: readonly string[] }
  /** The half could not be built or broke in a way that is no migration's failure. */
  | ({ readonly type: "broken" } & Breakage);

/** Why a half could not be built, or broke: the device, call and errno where a real one is to blame. */
export interface Breakage {
  readonly message: string;
  readonly device?: string;
  readonly call?: string | null;
  readonly errno?: string | null;
}
