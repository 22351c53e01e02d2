import type { ChannelEnd, MultifdEnds } from "../../core/channel/mod.ts";
import type {
  DestinationReport,
  MigrationOptions,
  Phase,
  PolicyName,
  SourceReport,
} from "../../core/migration/mod.ts";
import type { DeviceImage, RamProfile } from "../../core/device/mod.ts";
import type { FaultPlan, Injection, Struck } from "../../core/fault/mod.ts";
import type { FdLedger } from "../../core/libc/mod.ts";
import type { CountedSlot } from "../measure/duration_counts.ts";
import type { DeviceSpec } from "../scenario/mod.ts";
import type { TracedStep } from "../trace/traced_trial.ts";
import type { StartedThread } from "./half_threads.ts";
import type { ImageDigest } from "./image_digest.ts";
import type { ImagePair, StateDifference } from "./compare_states.ts";
import type { SpareMemory } from "./state_supply.ts";

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
  /** Memory that its states may be in, the main thread's; absent: none. */
  readonly spare?: readonly SpareMemory[];
  /** What the files begin with that the devices' sessions are recorded to; null where they are not. */
  readonly recordAs: string | null;
  /** Whether the durations of reads and writes are recorded. */
  readonly measure: boolean;
  /** What goes wrong, at both sides. */
  readonly faults: FaultPlan;
  /** Where it is taken down what of it struck, but for devices' faults. */
  readonly struck: Struck;
  /** Whether every step is kept, to be written down. */
  readonly traced: boolean;
  /** One word: not 0 once the user wants the migration stopped. */
  readonly cancel: SharedArrayBuffer;
  /** What the images hold when the half is built, instead of what the seed says; absent: that. */
  readonly carried?: readonly DeviceImage[];
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
 *     main      plan ------> run ------> verify ------> close
 *     Worker        <- ready     <- done     <- verified      <- closed
 *
 * A Worker that stays begins again with the next plan. Where the other half is in another process, `digest` goes to both
 * in the place of `verify`, and both answer `digested`.
 */
export type ToWorker =
  /** First of all: where it takes down what it opens. */
  | { readonly type: "ledger"; readonly ledger: FdLedger }
  | { readonly type: "plan"; readonly plan: HalfPlan }
  | { readonly type: "run" }
  /** Compares one of so many parts of every pair. */
  | {
    readonly type: "verify";
    readonly pairs: readonly ImagePair[];
    readonly part: number;
    readonly parts: number;
  }
  | { readonly type: "digest" }
  /** Whether it stays, for another plan. */
  | { readonly type: "close"; readonly stays?: boolean }
  /** While a half with threads is built. */
  | StartedThread;

/** What a Worker answers. The images are its devices' states (RAM last, where there is any), to be compared. */
export type FromWorker =
  | {
    readonly type: "ready";
    readonly images: readonly DeviceImage[];
    /** What of them is memory that another trial can use. */
    readonly memories?: readonly SpareMemory[];
  }
  | {
    readonly type: "done";
    readonly role: "source";
    readonly report: SourceReport;
    readonly injections: readonly Injection[];
    /** What the simulated guest's writes took of the Worker's thread. */
    readonly guestWritesNs: number;
    readonly durations: readonly CountedSlot[] | null;
    readonly trace: readonly TracedStep[] | null;
  }
  | {
    readonly type: "done";
    readonly role: "destination";
    readonly report: DestinationReport;
    readonly injections: readonly Injection[];
    readonly durations: readonly CountedSlot[] | null;
    readonly trace: readonly TracedStep[] | null;
  }
  /** The first difference in its part; null where all is the same. */
  | {
    readonly type: "verified";
    readonly difference: StateDifference | null;
  }
  /** Of each image. */
  | { readonly type: "digested"; readonly digests: readonly ImageDigest[] }
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
  /** Where in the migration; setup unless given. */
  readonly phase?: Phase;
  /** Whether the Worker is not there any more, and its guest with it. */
  readonly died?: true;
}
