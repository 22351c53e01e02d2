import type { DestinationRun } from "./destination.ts";
import type { SourceRun } from "./source_run.ts";

/**
 * The stop-copy data of all devices over channels of their own, beside the main one. Each clock has its own way
 * of it: Workers and sockets, or a model.
 */
export interface MultifdSave {
  /** Lets every device be saved, with the guest stopped and before RAM is; returns at once. */
  start(run: SourceRun): void;
  /**
   * Waits until all are saved. Fills in `stopCopyBytes` and `saveNs` of each; throws a `MigrationError` with the
   * first failure once none of them runs any more.
   */
  join(run: SourceRun): void;
}

/** The other end of {@linkcode MultifdSave}. */
export interface MultifdLoad {
  /** SWITCHOVER_START has come: all precopy data is loaded, and what is queued may be written. */
  start(run: DestinationRun): void;
  /** Waits until every device has its data and its config; throws a `MigrationError` where one cannot. */
  join(run: DestinationRun): void;
}
