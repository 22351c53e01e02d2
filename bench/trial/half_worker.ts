import type { FromWorker, ToWorker } from "./worker_message.ts";

/** A Worker that runs one half of a migration, as the main thread holds it. */
export interface HalfWorker {
  tell(message: ToWorker): void;
  /** The Worker's next answer. A Worker that dies answers `broken`, now and for ever. */
  next(): Promise<FromWorker>;
  /** Ends the Worker. It must not be blocked in a call: a blocked Worker cannot be ended. */
  end(): void;
}

export function startHalfWorker(name: string): HalfWorker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
  const answers: FromWorker[] = [];
  const waiting: ((answer: FromWorker) => void)[] = [];
  let dead: FromWorker | null = null;

  worker.onmessage = (event: MessageEvent<FromWorker>) => {
    const resolve = waiting.shift();
    if (resolve === undefined) answers.push(event.data);
    else resolve(event.data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    dead = { type: "broken", message: `The ${name} Worker died: ${event.message}` };
    for (const resolve of waiting.splice(0)) resolve(dead);
  };

  return {
    tell: (message) => worker.postMessage(message),
    next() {
      const answer = answers.shift() ?? dead;
      if (answer !== null) return Promise.resolve(answer);
      return new Promise((resolve) => waiting.push(resolve));
    },
    end: () => worker.terminate(),
  };
}
