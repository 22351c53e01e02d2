import { readDirectory, readText } from "../../core/libc/mod.ts";

/** What a process has, as /proc says. */
export interface ProcessStat {
  readonly rss_bytes: number;
  readonly fds: number;
  readonly threads: number;
}

/**
 * Looks at a process of this machine; null where it is gone, or not ours. By system calls of our own: Deno reads /proc
 * only with every permission there is.
 */
export function processStat(pid: number): ProcessStat | null {
  const status = readText(`/proc/${pid}/status`);
  const fds = readDirectory(`/proc/${pid}/fd`);
  if (typeof status === "number" || typeof fds === "number") return null;
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const rss_bytes = field("VmRSS") * 1024;
  const threads = field("Threads");
  // A zombie has no memory.
  if (Number.isNaN(rss_bytes) || Number.isNaN(threads)) return null;
  return { rss_bytes, fds: fds.length, threads };
}
