import type { HalfName, HalfWorker } from "../half_worker.ts";
import { createSpareWorkers, type SpareWorkers } from "../spare_workers.ts";

/** Spare Workers, and which were taken from them. */
export interface WatchedWorkers extends SpareWorkers {
  /** Those of a side, in order. */
  taken(name: HalfName): HalfWorker[];
}

export function watchedWorkers(sides: 1 | 2 = 2): WatchedWorkers {
  const workers = createSpareWorkers(sides);
  const all: [HalfName, HalfWorker][] = [];
  return {
    ...workers,
    taken: (name) => all.filter(([of]) => of === name).map(([, half]) => half),
    take(one, name) {
      const half = workers.take(one, name);
      all.push([name, half]);
      return half;
    },
  };
}
