import type {
  StartThread,
  ThreadEvents,
  ThreadStart,
  ThreadWorker,
} from "../../core/migration/multifd_threads/mod.ts";

/**
 * What a half's Worker and the main thread say to each other about threads: the main thread starts their Workers, and
 * a half's tasks and results go between the two of them.
 *
 * ```text
 *     a half's Worker     startThread(start) ------------>  main thread
 *                                <---------- startedThread    |   a Worker's first message
 *                                                             v
 *     a half's Worker  <======== the start's port =======>  thread
 *     a half's Worker     endThread --------------------->  main thread
 * ```
 */
export type OfThreads =
  | { readonly type: "startThread"; readonly thread: number; readonly start: ThreadStart }
  | { readonly type: "endThread"; readonly thread: number };

/** A thread's Worker is there; or why it is not. */
export interface StartedThread {
  readonly type: "startedThread";
  readonly thread: number;
  readonly broken: string | null;
}

/** Starts a half's threads, for the main thread, until all of them are ended. */
export interface HalfThreads {
  take(message: OfThreads): void;
  end(): void;
}

/** The main thread's side. */
export function createHalfThreads(
  startThread: StartThread,
  tell: (message: StartedThread) => void,
): HalfThreads {
  const threads = new Map<number, ThreadWorker>();
  let isEnded = false;
  return {
    take(message) {
      const { thread } = message;
      // What was said before the half ended may be heard after it.
      if (isEnded) return;
      if (message.type === "endThread") {
        threads.get(thread)?.end();
        threads.delete(thread);
        return;
      }
      const events: ThreadEvents = {
        onReady: () => tell({ type: "startedThread", thread, broken: null }),
        onBroken: (broken) => tell({ type: "startedThread", thread, broken }),
      };
      threads.set(thread, startThread(message.start, events));
    },
    end() {
      isEnded = true;
      for (const thread of threads.values()) thread.end();
      threads.clear();
    },
  };
}

/** The side of a half's Worker. */
export interface ParentThreads {
  readonly startThread: StartThread;
  hear(message: StartedThread): void;
}

/** Has all threads started by whoever is told so. */
export function createParentThreads(
  tell: (message: OfThreads, transfer: Transferable[]) => void,
): ParentThreads {
  const starting = new Map<number, ThreadEvents>();
  let next = 0;
  return {
    startThread(start, events) {
      const thread = next++;
      starting.set(thread, events);
      tell({ type: "startThread", thread, start }, [start.port]);
      return {
        end() {
          starting.delete(thread);
          tell({ type: "endThread", thread }, []);
        },
      };
    },
    hear({ thread, broken }) {
      const events = starting.get(thread);
      starting.delete(thread);
      if (broken === null) events?.onReady();
      else events?.onBroken(broken);
    },
  };
}
