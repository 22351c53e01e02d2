import process from "node:process";

/** How much of the processors this process used over a while. */
export interface ProcessorUse {
  /** Of all its threads, in the process and in the kernel. */
  readonly time_ms: number;
  /** How many processors that kept busy, on the average. */
  readonly busy: number;
}

/** Starts to look; call what it gives where the while is over. */
export function watchProcessors(): () => ProcessorUse {
  const began = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    const time_ms = (user + system) / 1000;
    return { time_ms, busy: time_ms / Math.max(performance.now() - began, 1e-3) };
  };
}
