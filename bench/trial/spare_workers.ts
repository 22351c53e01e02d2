import type { Case } from "../scenario/mod.ts";
import { endHalves, type Halves, startHalves } from "./halves.ts";

/**
 * The Workers of trials that went well, for the next ones of the same kind. A Worker that begins reads its modules and
 * runs every function slowly until V8 has compiled it: that was most of a small trial's fixed cost, and tens of
 * milliseconds of a migration's downtime which are no driver's and no channel's.
 *
 * ```text
 *   trial 0   take -> two new ones ......... went well -> keep
 *   trial 1   take -> the same two ......... failed    -> (ended with the trial)
 *   trial 2   take -> two new ones
 * ```
 */
export interface SpareWorkers {
  /** Two for a trial of this case. They are the caller's, until kept. */
  take(one: Case): Halves;
  /** Takes two over that were closed and stay; see `endHalf`. */
  keep(one: Case, halves: Halves): void;
  /** Ends all that are kept. */
  close(): void;
}

/** So many kinds are kept at once; of a suite of more the one that was used longest ago is let go. */
const MOST_KINDS = 4;

/** No Workers yet. Close it when no trial follows. */
export function createSpareWorkers(): SpareWorkers {
  const kept = new Map<string, Halves>();
  return {
    take(one) {
      const kind = kindOf(one);
      const halves = kept.get(kind);
      kept.delete(kind);
      return halves ?? startHalves();
    },
    keep(one, halves) {
      const kind = kindOf(one);
      const before = kept.get(kind);
      if (before !== undefined) endHalves(before);
      kept.delete(kind);
      kept.set(kind, halves);
      for (const [oldest, theirs] of kept) {
        if (kept.size <= MOST_KINDS) break;
        kept.delete(oldest);
        endHalves(theirs);
      }
    },
    close() {
      for (const halves of kept.values()) endHalves(halves);
      kept.clear();
    },
  };
}

/**
 * What of a case makes other code run. V8 compiles for what it has seen: trials of several kinds in one Worker would be
 * slower than each in its own, and their order would matter.
 */
function kindOf({ params, devices, ram }: Case): string {
  const { channel, policy, multifd, measure, switchover_ack } = params;
  const kinds = devices.map((device) =>
    device.kind === "simulated" && device.region !== undefined ? "region" : device.kind
  );
  const measured = [channel, policy, multifd, measure, switchover_ack, ram.size > 0];
  return JSON.stringify([...measured, ...kinds]);
}
