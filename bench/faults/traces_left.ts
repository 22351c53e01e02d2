import { countOpenFds, readDirectory } from "../../core/libc/mod.ts";

/** What a process has open or has left, counted. */
export interface Traces {
  readonly fds: number;
  /** Threads: each Worker has one. */
  readonly threads: number;
  /** Names in the folder for temporary files. */
  readonly files: readonly string[];
}

/** What there is now. The folder for temporary files must be the process's own. */
function traces(folder: string): Traces {
  const tasks = readDirectory("/proc/self/task");
  return {
    fds: countOpenFds(),
    threads: typeof tasks === "number" ? tasks : tasks.length,
    files: [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
  };
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
  if (now.threads > before.threads) left.push(`${now.threads - before.threads} threads are left`);
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
    same = now.fds === last.fds && now.threads === last.threads ? same + 1 : 0;
    last = now;
  }
  return last;
}
