import { ERRNO } from "../../core/libc/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { KeptOfTrial } from "./kept_of_trial.ts";

/** How long a migration may go on after it was cancelled before its channel is broken. */
const CANCEL_GRACE_MS = 1_000;
/** How often it is looked whether the migration cancels itself. */
const LOOK_MS = 50;
/** How long a Worker may take to answer once its channel is broken. */
const LAST_WORD_MS = 10_000;

/** What keeps a trial within its time. */
export interface WatchedTrial {
  /** When it is ended, in milliseconds from `begin` on. */
  readonly limit_ms: number;
  /** Has whoever waits on a channel come back with an errno. */
  breakChannels(errno: number): void;
  /** Has nobody wait for a Worker any more that does not answer, with what to say of it. */
  giveUp(message: string): void;
  /** One word: not 0 once the migration is to be stopped. */
  readonly cancel: SharedArrayBuffer;
  /** Whether its source may find by itself that it is to be stopped: a fault plan has a user who cancels. */
  readonly cancelsItself: boolean;
  /** The user's. */
  readonly signal: AbortSignal;
}

/** A watch that is kept. */
export interface TrialWatch {
  /** Both halves are there, and the migration begins: what building them takes is not its time. */
  begin(): void;
  /** The limit at which the trial was ended; null where it ended by itself, or the user wanted it. */
  endedAfter_ms(): number | null;
  stop(): void;
}

/**
 * Watches a trial: one that is cancelled and goes on all the same has its channel broken, one that is over its limit
 * too, and a Worker that does not answer even then is given up.
 */
export function watchTrial(
  { limit_ms, breakChannels, giveUp, cancel, cancelsItself, signal }: WatchedTrial,
): TrialWatch {
  const timers: ReturnType<typeof setTimeout>[] = [];
  const word = new Int32Array(cancel);
  let ended: number | null = null;
  const after = (wait_ms: number, act: () => void) => timers.push(setTimeout(act, wait_ms));

  const onCancel = () => {
    clearInterval(looking);
    after(CANCEL_GRACE_MS, () => breakChannels(ERRNO.ECANCELED));
  };
  const looking = !cancelsItself ? undefined : setInterval(() => {
    if (Atomics.load(word, 0) !== 0) onCancel();
  }, LOOK_MS);
  const onAbort = () => {
    Atomics.store(word, 0, 1);
    onCancel();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);

  return {
    begin() {
      after(limit_ms, () => {
        ended = limit_ms;
        breakChannels(ERRNO.ETIMEDOUT);
      });
      const lost_ms = limit_ms + LAST_WORD_MS;
      after(lost_ms, () => giveUp(`does not answer: ${lost_ms} ms have passed`));
    },
    endedAfter_ms: () => ended,
    stop() {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(looking);
      signal.removeEventListener("abort", onAbort);
    },
  };
}

/** When a trial that has not ended is ended: its migration's limits before and after the switchover, with patience. */
export function limitOf({ params }: Case, { patience_ms = 10_000 }: KeptOfTrial = {}): number {
  return 2 * (params.max_time_ms + patience_ms);
}
