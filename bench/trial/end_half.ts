import { close, fdsOf } from "../../core/libc/mod.ts";
import type { HalfWorker } from "./half_worker.ts";

/** How long the threads of a dead half may take to come to their end, once their channels are broken. */
const THREADS_MS = 1_000;
const LOOK_MS = 5;

/** What a half leaves to be looked after where it dies. */
export interface Estate {
  /** "source" or "destination", for messages. */
  readonly name: string;
  /** How many threads use the channels for device state; null without any. */
  readonly users: Int32Array<SharedArrayBuffer> | null;
}

/**
 * Ends a half that is not blocked any more. What a dead Worker had open is closed here; what one has open that does
 * not answer is still in use, and stays.
 *
 * @param stays Whether the Worker is wanted for another trial; without it, it ends
 * @returns What could not be tidied up, a line for each
 */
export async function endHalf(
  half: HalfWorker,
  estate: Estate,
  stays = false,
): Promise<readonly string[]> {
  half.tell({ type: "close", stays });
  for (;;) {
    const answer = await half.next();
    if (answer.type === "closed") return answer.obstacles;
    if (answer.type !== "broken") continue;
    if (half.state() === "alive") continue;
    if (half.state() === "given up") {
      half.end();
      return [`what the ${estate.name}'s Worker has open stays open`];
    }
    await settle(estate);
    half.end();
    if (half.ledger !== null) { for (const fd of fdsOf(half.ledger)) close(fd); }
    return [];
  }
}

/** Its threads outlive it: an fd that one of them still uses must not become somebody else's. */
async function settle({ users }: Estate): Promise<void> {
  if (users === null) return;
  const endMs = performance.now() + THREADS_MS;
  while (Atomics.load(users, 0) > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
