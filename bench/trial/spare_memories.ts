import { close, dup } from "../../core/libc/mod.ts";
import { type Case, isProfiled } from "../scenario/mod.ts";
import type { SpareMemory } from "./state_supply.ts";

/** The memory of a trial's states, by side. */
export interface TrialMemories {
  readonly source: readonly SpareMemory[];
  readonly destination: readonly SpareMemory[];
}

/**
 * The memory that the states of the last trial were in, for those of the next: a device's own memory does not come
 * and go with a migration either. Its content does: every trial writes all of it anew.
 */
export interface SpareMemories {
  /** What a trial of this case can use. What it cannot is given back to the system first. */
  spareFor(one: Case): TrialMemories;
  /** Keeps what a trial of this case used, which may close its own fds then. */
  keep(one: Case, used: TrialMemories): void;
  /** Gives all of it back. */
  close(): void;
}

const NONE: TrialMemories = { source: [], destination: [] };

/** No memory yet. Close it when no trial follows. */
export function createSpareMemories(): SpareMemories {
  let kept = NONE;
  let keptFor = "";
  const letGo = () => {
    for (const { fd } of [...kept.source, ...kept.destination]) close(fd);
    kept = NONE;
  };
  return {
    spareFor(one) {
      if (sizesOf(one) !== keptFor) letGo();
      return kept;
    },
    keep(one, { source, destination }) {
      const before = kept;
      kept = { source: ownFds(source), destination: ownFds(destination) };
      keptFor = sizesOf(one);
      for (const { fd } of [...before.source, ...before.destination]) close(fd);
    },
    close: letGo,
  };
}

/** What has no fd any more can have none of its own: it is not kept. */
function ownFds(memories: readonly SpareMemory[]): SpareMemory[] {
  return memories.flatMap(({ fd, size }) => {
    const own = dup(fd);
    return own < 0 ? [] : [{ fd: own, size }];
  });
}

function sizesOf({ devices, ram }: Case): string {
  const sizes = devices.map((device) => isProfiled(device) ? device.profile.state_size : 0);
  return [...sizes, ram.size].join(" ");
}
