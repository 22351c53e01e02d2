import type { VirtualClock } from "./virtual_clock.ts";

/**
 * A virtual clock that goes its own way for a while, as a thread does beside others:
 *
 *     parent  ------+--------------------------------+----->
 *     lane          +--split-- its own time --join---+
 *
 * Outside `split` and `join` it is its parent.
 */
export interface Lane extends VirtualClock {
  /** From now on its time is its own. */
  split(): void;
  /** Its time is its parent's again, which goes on to it where it was behind. */
  join(): void;
}

export function createLane(parent: VirtualClock): Lane {
  let own_ns: number | null = null;
  return {
    nowNs: () => own_ns ?? parent.nowNs(),
    sleepNs(duration_ns) {
      if (own_ns === null) parent.sleepNs(duration_ns);
      else if (duration_ns > 0) own_ns += duration_ns;
    },
    advanceTo(moment_ns) {
      if (own_ns === null) parent.advanceTo(moment_ns);
      else if (moment_ns > own_ns) own_ns = moment_ns;
    },
    split() {
      own_ns = parent.nowNs();
    },
    join() {
      if (own_ns !== null) parent.advanceTo(own_ns);
      own_ns = null;
    },
  };
}
