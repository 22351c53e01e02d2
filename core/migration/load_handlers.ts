import type { Message } from "../channel/mod.ts";
import type { DestinationRun } from "./destination.ts";
import type { Failure } from "./migration_error.ts";

/**
 * What the destination does with a device, in the order of a migration; one set of them for each version of
 * the protocol.
 *
 *     setUp -> load* -> prepareRun -> run
 */
export interface LoadHandlers {
  readonly id: string;
  readonly supportsPrecopy: boolean;
  setUp(run: DestinationRun): Failure | null;
  /** Takes the message's bytes, all of them; throws a `MigrationError` where it cannot. */
  load(run: DestinationRun, message: Message): void;
  /** What comes first for all devices, where P2P is to be quiet before any runs. */
  prepareRun(run: DestinationRun): Failure | null;
  run(run: DestinationRun): Failure | null;
  /** The state it is in, by name. */
  leftIn(): string;
}
