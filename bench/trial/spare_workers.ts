import type { Case } from "../scenario/mod.ts";
import { type HalfName, type HalfWorker, startHalfWorker } from "./half_worker.ts";

/**
 * The Workers of trials that went well, for the next ones of the same kind. A Worker that begins reads its modules and
 * runs every function slowly until V8 has compiled it: that was most of a small trial's fixed cost, and tens of
 * milliseconds of a migration's downtime which are no driver's and no channel's.
 *
 * ```text
 *   trial 0   take -> a new one ............ went well -> keep
 *   trial 1   take -> the same one ......... failed    -> (ended with the trial)
 *   trial 2   take -> a new one
 * ```
 */
export interface SpareWorkers {
  /** One for a side of a trial of this case. It is the caller's, until kept. */
  take(one: Case, name: HalfName): HalfWorker;
  /** Takes one over that was closed and stays; see `endHalf`. */
  keep(one: Case, name: HalfName, half: HalfWorker): void;
  /** Ends all that are kept, and from now on whatever is to be. */
  close(): void;
}

/** Of so many kinds Workers are kept at once; of a suite of more the one that was used longest ago is let go. */
const MOST_KINDS = 4;

/**
 * No Workers yet. Close it when no trial follows.
 *
 * @param sides Of how many sides of a trial they are
 */
export function createSpareWorkers(sides: 1 | 2 = 2): SpareWorkers {
  const kept = new Map<string, HalfWorker>();
  let isClosed = false;
  return {
    take(one, name) {
      const kind = kindOf(one, name);
      const half = kept.get(kind);
      kept.delete(kind);
      return half ?? startHalfWorker(name);
    },
    keep(one, name, half) {
      if (isClosed) {
        half.end();
        return;
      }
      const kind = kindOf(one, name);
      kept.get(kind)?.end();
      kept.delete(kind);
      kept.set(kind, half);
      for (const [oldest, theirs] of kept) {
        if (kept.size <= sides * MOST_KINDS) break;
        kept.delete(oldest);
        theirs.end();
      }
    },
    close() {
      isClosed = true;
      for (const half of kept.values()) half.end();
      kept.clear();
    },
  };
}

/**
 * What of a case makes other code run. V8 compiles for what it has seen: trials of several kinds in one Worker would be
 * slower than each in its own, and their order would matter.
 */
function kindOf({ params, devices, ram }: Case, name: HalfName): string {
  const { channel, policy, measure, switchover_ack } = params;
  // A side's threads are kept with it, and are of one number and size.
  const multifd = params.multifd ? [params.channels, params.buffer_size] : null;
  const kinds = devices.map((device) =>
    device.kind === "simulated" && device.region !== undefined ? "region" : device.kind
  );
  const measured = [channel, policy, multifd, measure, switchover_ack, ram.size > 0];
  return JSON.stringify([name, ...measured, ...kinds]);
}
