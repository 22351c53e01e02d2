import { createSpareMemories, type SpareMemories } from "./spare_memories.ts";
import { createSpareWorkers, type SpareWorkers } from "./spare_workers.ts";

/** What trials on the wall clock hand on to each other. */
export interface Spares {
  readonly memories: SpareMemories;
  readonly workers: SpareWorkers;
  /** Gives all of it back. */
  close(): void;
}

/** Nothing yet. Close it when no trial follows. */
export function createSpares(): Spares {
  const memories = createSpareMemories();
  const workers = createSpareWorkers();
  return {
    memories,
    workers,
    close() {
      memories.close();
      workers.close();
    },
  };
}
