import type { ThreadStart } from "./thread_task.ts";

/** What is heard of a thread's Worker until it runs. */
export interface ThreadEvents {
  /** It has loaded, and waits for its tasks. */
  onReady(): void;
  /** It could not be loaded, or has died. */
  onBroken(message: string): void;
}

/** A thread's Worker. */
export interface ThreadWorker {
  end(): void;
}

/** Starts a Worker and gives it its first message. */
export type StartThread = (start: ThreadStart, events: ThreadEvents) => ThreadWorker;

/**
 * Starts one from the thread that asks. A Worker had better ask its parent for it: Deno 2.9 lets the Worker of a Worker
 * wait twice for half a second, for a debugger that nobody has.
 */
export function startThreadHere(
  start: ThreadStart,
  { onReady, onBroken }: ThreadEvents,
): ThreadWorker {
  const { kind, place } = start.plan;
  const url = new URL("./thread_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: `${kind} ${place}` });
  worker.onmessage = () => onReady();
  worker.onerror = (event) => {
    event.preventDefault();
    onBroken(event.message);
  };
  worker.postMessage(start, [start.port]);
  return { end: () => worker.terminate() };
}
