import type { DestinationRun } from "./destination.ts";
import type { Failure } from "./migration_error.ts";
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
  /**
   * Ends what still runs, after a failure elsewhere and before the devices are recovered; again is nothing. Gives the
   * failure that began in a save or a channel, where one did: it is what the others followed from.
   */
  abort?(): Failure | null;
  /** What went over the channels, in bytes, once all is joined. */
  transferred?(): number;
}

/** The other end of {@linkcode MultifdSave}. */
export interface MultifdLoad {
  /** SWITCHOVER_START has come: all precopy data is loaded, and what is queued may be written. */
  start(run: DestinationRun): void;
  /** Waits until every device has its data and its config; throws a `MigrationError` where one cannot. */
  join(run: DestinationRun): void;
  /** As `MultifdSave.abort`, before the devices are closed. */
  abort?(): Failure | null;
}
