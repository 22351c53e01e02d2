import type { SpareThreads } from "./spare_threads.ts";
import type { StartThread } from "./start_thread.ts";

/** Where threads are from, and go to. */
export interface ThreadSupply<Shared> {
  /** How a Worker is started; from the thread that asks unless given. */
  readonly startThread?: StartThread;
  /** What other migrations left, and where these threads are left where all went well; they end unless given. */
  readonly spare?: SpareThreads<Shared>;
}
