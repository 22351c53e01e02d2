import {
  type FaultPlace,
  type FaultPlan,
  type FaultSide,
  isHostFault,
  isUserFault,
  isWorkerFault,
  noteStrike,
  type Struck,
} from "../fault/mod.ts";
import { MigrationError, type Phase, reasonFailure } from "./migration_error.ts";

/**
 * Is told whenever a side comes to a place of the migration, and may throw: a {@linkcode MigrationError}, or a
 * {@linkcode HalfDeath}, which no side catches of itself.
 *
 * ```text
 *   source        setup   precopy (each pass)     switchover (the guest stands still)   load (each buffer, each wait)
 *   destination   setup   precopy (each message)  switchover (its word came)            load (each message, the start)
 * ```
 */
export type PlaceSink = ((place: FaultPlace) => void) | undefined;

/** A side that is not there any more: it does not clean up, says nothing to its peer, and its guest is gone with it. */
export class HalfDeath extends Error {
  override name = "HalfDeath";
  readonly side: FaultSide;
  readonly place: FaultPlace;

  constructor(side: FaultSide, place: FaultPlace) {
    super(`The ${side}'s Worker died in ${place}`);
    this.side = side;
    this.place = place;
  }
}

/** What a place is called in a failure. */
export function phaseOf(side: FaultSide, place: FaultPlace): Phase {
  return side === "source" && place === "load" ? "stop-copy" : place;
}

/** What faults at places do, and where they are taken down. */
export interface PlaceActs {
  readonly struck: Struck;
  /** By the side's clock. */
  nowNs(): number;
  /** The user cancels. */
  cancel(): unknown;
}

/**
 * What a plan has for the places of one side: a Worker that dies, a host that refuses, a user who cancels (at the
 * source). Nothing where it has none of these.
 */
export function placeSink(plan: FaultPlan, side: FaultSide, acts: PlaceActs): PlaceSink {
  const here = plan.flatMap((fault, index) => {
    const isHere = isUserFault(fault)
      ? side === "source"
      : isWorkerFault(fault) || (isHostFault(fault) && fault.give === "refuse")
      ? fault.side === side
      : false;
    return isHere ? [{ fault, index }] : [];
  });
  if (here.length === 0) return undefined;
  const visits: Record<FaultPlace, number> = { setup: 0, precopy: 0, switchover: 0, load: 0 };
  return (place) => {
    const visit = ++visits[place];
    for (const { fault, index } of here) {
      if (isHostFault(fault)) {
        if (place !== "setup") continue;
        noteStrike(acts.struck, index, acts.nowNs());
        throw new MigrationError(
          reasonFailure(`The ${side}'s host refuses the migration`, "setup"),
        );
      }
      if (isUserFault(fault)) {
        if (fault.at !== place || fault.nth !== visit) continue;
        noteStrike(acts.struck, index, acts.nowNs());
        acts.cancel();
      } else if (isWorkerFault(fault) && fault.at === place) {
        noteStrike(acts.struck, index, acts.nowNs());
        throw new HalfDeath(side, place);
      }
    }
  };
}
