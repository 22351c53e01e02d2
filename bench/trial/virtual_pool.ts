import type { Case } from "../scenario/mod.ts";
import type { Turn } from "./schedule.ts";
import type { VirtualWork } from "./virtual_turn.ts";
import type { Trial } from "./wall_trial.ts";

/** Workers that play virtual trials side by side. */
export interface VirtualPool {
  /** Plays turns on one of the Workers, which take them in turn. Rejects where the Worker dies. */
  play(turns: readonly Turn[]): Promise<readonly Trial[]>;
  end(): void;
}

/** Starts so many Workers for virtual trials of these cases. */
export function startVirtualPool(
  cases: ReadonlyMap<number, Case>,
  jobs: number,
  traced: boolean,
): VirtualPool {
  const workers = Array.from({ length: jobs }, (_, i) => startWorker(cases, i, traced));
  let next = 0;
  return {
    play(turns) {
      const worker = workers[next++ % workers.length];
      if (worker === undefined) throw new TypeError("Cannot play: there is no Worker");
      return worker.play(turns);
    },
    end() {
      for (const worker of workers) worker.end();
    },
  };
}

function startWorker(
  cases: ReadonlyMap<number, Case>,
  index: number,
  traced: boolean,
): VirtualPool {
  const url = new URL("./virtual_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: `virtual-${index}` });
  const tell = (work: VirtualWork) => worker.postMessage(work);
  const waiting: PromiseWithResolvers<readonly Trial[]>[] = [];
  worker.onmessage = (event: MessageEvent<readonly Trial[]>) => {
    waiting.shift()?.resolve(event.data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(`A Worker for virtual trials died: ${event.message}`);
    for (const one of waiting.splice(0)) one.reject(error);
  };
  tell({ type: "cases", cases, traced });
  return {
    play(turns) {
      const answer = Promise.withResolvers<readonly Trial[]>();
      waiting.push(answer);
      tell({ type: "turns", turns });
      return answer.promise;
    },
    end: () => worker.terminate(),
  };
}
