import { drawTrial } from "./draw_trial.ts";
import type { SweepNews, SweepWork } from "./sweep_worker.ts";
import { sweptFaults, type SweptTrial } from "./tally.ts";

/** How long a virtual trial may take of this machine's time before it is said to hang. */
const HANG_MS = 60_000;
const LOOK_MS = 1_000;

/**
 * Plays virtual trials side by side. One that does not end is given up with its Worker, and the others go on.
 *
 * @param first The first trial's number
 * @param onTrial Is given each trial as it ends, in no order
 */
export async function sweepVirtual(
  seed: number,
  first: number,
  count: number,
  jobs: number,
  onTrial: (trial: SweptTrial) => void,
): Promise<void> {
  const end = first + count;
  const lanes = Array.from({ length: Math.min(jobs, count) }, (_, i) => first + i);
  await Promise.all(
    lanes.map((start) => sweepLane({ seed, first: start, end, step: jobs }, onTrial)),
  );
}

/** Every so many-th trial, in a Worker of its own; in another one after a trial that hung. */
async function sweepLane(work: SweepWork, onTrial: (trial: SweptTrial) => void): Promise<void> {
  for (let next: number | null = work.first; next !== null && next < work.end;) {
    const hung: number | null = await playUntilHung({ ...work, first: next }, onTrial);
    if (hung !== null) onTrial(hungTrial(work.seed, hung));
    next = hung === null ? null : hung + work.step;
  }
}

/** Plays on until all is played, or a trial hangs: which. */
function playUntilHung(
  work: SweepWork,
  onTrial: (trial: SweptTrial) => void,
): Promise<number | null> {
  const worker = new Worker(new URL("./sweep_worker.ts", import.meta.url), { type: "module" });
  let begunMs = performance.now();
  let number = work.first;
  return new Promise((resolve, reject) => {
    const finish = (end: () => void) => {
      clearInterval(looking);
      worker.terminate();
      end();
    };
    const looking = setInterval(() => {
      if (performance.now() - begunMs > HANG_MS) finish(() => resolve(number));
    }, LOOK_MS);
    worker.onmessage = ({ data }: MessageEvent<SweepNews>) => {
      if (data.type === "over") return finish(() => resolve(null));
      if (data.type === "ended") return onTrial(data.trial);
      number = data.number;
      begunMs = performance.now();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      finish(() => reject(new Error(`Cannot go on after trial ${number}: ${event.message}`)));
    };
    worker.postMessage(work);
  });
}

function hungTrial(seed: number, number: number): SweptTrial {
  const { system, one } = drawTrial(seed, number, "virtual");
  return {
    number,
    system,
    outcome: "broken",
    faults: sweptFaults(one.faults, () => 0),
    violations: [`it has not ended after ${HANG_MS / 1000} s of this machine's time`],
    digest: "",
  };
}
