import { startThreadHere } from "../../core/migration/multifd_threads/start_thread.ts";
import { createFdLedger, type FdLedger } from "../../core/libc/mod.ts";
import { createHalfThreads, type OfThreads } from "./half_threads.ts";
import type { FromWorker, ToWorker } from "./worker_message.ts";

/** Which half it is. */
export type HalfName = "source" | "destination";

/** A Worker that runs one half of a migration, as the main thread holds it. */
export interface HalfWorker {
  /** Every fd that it has open; null of one in another process. */
  readonly ledger: FdLedger | null;
  tell(message: ToWorker): void;
  /** The Worker's next answer. A Worker that dies, or is given up, answers `broken`, now and for ever. */
  next(): Promise<FromWorker>;
  /** What became of it: it answers, it died, or nobody waits for it any more. */
  state(): "alive" | "dead" | "given up";
  /** Nobody waits for it any more: it has not answered for too long. Whoever waits gets `broken`. */
  giveUp(message: string): void;
  /** Ends the Worker and its threads. None may be blocked in a call: a blocked Worker cannot be ended. */
  end(): void;
}

export function startHalfWorker(name: HalfName): HalfWorker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
  const ledger = createFdLedger();
  worker.postMessage({ type: "ledger", ledger } satisfies ToWorker);
  const threads = createHalfThreads(startThreadHere, (message) => worker.postMessage(message));
  const answers: FromWorker[] = [];
  const waiting: ((answer: FromWorker) => void)[] = [];
  let state: "alive" | "dead" | "given up" = "alive";
  let last: FromWorker | null = null;

  const endWith = (answer: FromWorker) => {
    last = answer;
    for (const resolve of waiting.splice(0)) resolve(answer);
  };

  worker.onmessage = (event: MessageEvent<FromWorker | OfThreads>) => {
    if (event.data.type === "startThread" || event.data.type === "endThread") {
      threads.take(event.data);
      return;
    }
    if (event.data.type === "broken" && event.data.died === true) {
      state = "dead";
      endWith(event.data);
      return;
    }
    const resolve = waiting.shift();
    if (resolve === undefined) answers.push(event.data);
    else resolve(event.data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    state = "dead";
    endWith({
      type: "broken",
      message: `The ${name}'s Worker died: ${event.message}`,
      died: true,
    });
  };

  return {
    ledger,
    tell: (message) => worker.postMessage(message),
    next() {
      const answer = answers.shift() ?? last;
      if (answer !== null) return Promise.resolve(answer);
      return new Promise((resolve) => waiting.push(resolve));
    },
    state: () => state,
    giveUp(message) {
      if (state !== "alive") return;
      state = "given up";
      endWith({ type: "broken", message, died: true });
    },
    end() {
      threads.end();
      worker.terminate();
    },
  };
}
