import { attachRing } from "../ring.ts";
import { failRing } from "../ring_end.ts";
import { buffersOf, type Report, type Task } from "./ring_task.ts";

/** A failure code of the tests' own: the test is over. */
const TEST_OVER = 1;

/**
 * Runs each task in a Worker of its own, calls `meanwhile`, and returns the reports in the order of
 * the tasks. Whatever happens, no Worker is left: a Worker that is parked cannot be terminated, so
 * its rings are failed first.
 */
export async function runTasks<const T extends readonly Task[]>(
  tasks: T,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<{ [K in keyof T]: Report }> {
  const workers: Worker[] = [];
  try {
    const reports = Promise.all(tasks.map((task) => {
      const worker = new Worker(new URL("./ring_worker.ts", import.meta.url), { type: "module" });
      workers.push(worker);
      const { promise, resolve, reject } = Promise.withResolvers<Report>();
      worker.onmessage = ({ data }: MessageEvent<Report>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot run a ${task.kind} task: received "${event.message}"`));
      };
      worker.postMessage(task);
      return promise;
    }));
    const [done] = await Promise.all([reports, meanwhile()]);
    return done as { [K in keyof T]: Report };
  } finally {
    for (const buffer of tasks.flatMap(buffersOf)) failRing(attachRing(buffer), TEST_OVER);
    for (const worker of workers) worker.terminate();
  }
}
