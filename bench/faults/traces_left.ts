import { countOpenFds, readDirectory, readText } from "../../core/libc/mod.ts";

/** What a process has open or has left, counted. */
export interface Traces {
  readonly fds: number;
  /** Threads of Workers. */
  readonly workers: number;
  /** Names in the folder for temporary files. */
  readonly files: readonly string[];
}

/** What there is now. The folder for temporary files must be the process's own. */
function traces(folder: string): Traces {
  const tasks = readDirectory("/proc/self/task");
  const threads = typeof tasks === "number" ? [] : tasks;
  return {
    fds: countOpenFds(),
    workers: threads.filter(isWorker).length,
    files: [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
  };
}

/** The runtime has other threads too, which come and go; those of Workers it calls worker-1, worker-2 ... */
function isWorker(thread: string): boolean {
  const name = readText(`/proc/self/task/${thread}/comm`);
  return typeof name === "string" && name.startsWith("worker-");
}

/** How long threads and fds that are on their way out may take. */
const SETTLE_MS = 3_000;
const LOOK_MS = 10;

/**
 * Waits until no more is there than before, and gives what there is too much of: a line for each. A Worker that has
 * ended gives its thread and the thread's own fds back a moment later.
 */
export async function tracesLeft(before: Traces, folder: string): Promise<string[]> {
  const endMs = performance.now() + SETTLE_MS;
  for (;;) {
    const left = tooMuch(before, traces(folder));
    if (left.length === 0 || performance.now() > endMs) return left;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function tooMuch(before: Traces, now: Traces): string[] {
  const left: string[] = [];
  if (now.fds > before.fds) left.push(`${now.fds - before.fds} fds are left open`);
  if (now.workers > before.workers) left.push(`${now.workers - before.workers} Workers are left`);
  const files = now.files.filter((name) => !before.files.includes(name));
  if (files.length > 0) left.push(`files are left: ${files.join(", ")}`);
  return left;
}

/** What is there once it holds still. */
export async function settledTraces(folder: string): Promise<Traces> {
  let last = traces(folder);
  for (let same = 0; same < 20;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const now = traces(folder);
    same = now.fds === last.fds && now.workers === last.workers ? same + 1 : 0;
    last = now;
  }
  return last;
}
