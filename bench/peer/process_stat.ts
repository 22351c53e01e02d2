import { readDirectory, readText } from "../../core/libc/mod.ts";

/** What a process has, as /proc says. */
export interface ProcessStat {
  readonly rss_bytes: number;
  readonly fds: number;
  /** Threads that run a Worker; those of the runtime's pool come and go by themselves. */
  readonly workers: number;
}

/**
 * Looks at a process of this machine; null where it is gone, or not ours. By system calls of our own: Deno reads /proc
 * only with every permission there is.
 */
export function processStat(pid: number): ProcessStat | null {
  const status = readText(`/proc/${pid}/status`);
  const fds = readDirectory(`/proc/${pid}/fd`);
  if (typeof status === "number" || typeof fds === "number") return null;
  const threads = readDirectory(`/proc/${pid}/task`);
  const rss_bytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
  // A zombie has no memory.
  if (Number.isNaN(rss_bytes) || typeof threads === "number") return null;
  const workers = threads.filter((thread) => isWorker(pid, thread)).length;
  return { rss_bytes, fds: fds.length, workers };
}

/** Deno names the threads of Workers so. */
function isWorker(pid: number, thread: string): boolean {
  const name = readText(`/proc/${pid}/task/${thread}/comm`);
  return typeof name === "string" && name.startsWith("worker-");
}
