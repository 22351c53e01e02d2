import type { Failure } from "./migration_error.ts";
import type { SourceDevice, SourceRun } from "./source_run.ts";

/**
 * What the source does with a device, in the order of a migration; one set of them for each version of the
 * protocol (facts: QEMU registers such handlers for RAM and for every device). Those that return nothing
 * throw a `MigrationError`.
 *
 *     blocker -> setUp -> (estimate, exact, iterate)* -> prepareStop -> stop -> complete -> config -> cleanUp
 *                                    any failure -> recover
 */
export interface SaveHandlers {
  readonly id: string;
  readonly supportsPrecopy: boolean;
  /** Why the device lets no migration begin, in words; null where it does not stand in the way. */
  blocker(run: SourceRun): string | null;
  setUp(run: SourceRun, d: SourceDevice): void;
  /** Before a cheap query. */
  estimate(run: SourceRun, d: SourceDevice): void;
  /** Before an exact one: the answers go to the device's cache. */
  exact(run: SourceRun, d: SourceDevice): void;
  /** Its turn of a pass, or of so many. Whether it called itself finished. */
  iterate(run: SourceRun, d: SourceDevice, passes: number): boolean;
  /** What comes first for all devices, where P2P is to be quiet before any is stopped. */
  prepareStop(run: SourceRun, d: SourceDevice): Failure | null;
  stop(run: SourceRun, d: SourceDevice): Failure | null;
  /** All that is left, with the guest standing still. */
  complete(run: SourceRun, d: SourceDevice): void;
  config(run: SourceRun, d: SourceDevice): void;
  /** After a migration that went well, and outside its downtime. */
  cleanUp(run: SourceRun, d: SourceDevice): void;
  /** After one that did not: RUNNING again, or what keeps it from that. */
  recover(run: SourceRun, d: SourceDevice): string | null;
  /** The state it is in, by name. */
  leftIn(): string;
}
