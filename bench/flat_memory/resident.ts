const STATUS = "/proc/self/status";

/** A process's memory, in bytes. */
export interface Resident {
  /** What is in memory now. */
  readonly now_bytes: number;
  /** The most that ever was. */
  readonly peak_bytes: number;
}

/** This process's memory. Anonymous memory alone: pages of files that it mapped come and go with others' use of them. */
export function residentMemory(): Resident {
  const text = Deno.readTextFileSync(STATUS);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return { now_bytes: kib("RssAnon") * 1024, peak_bytes: kib("VmHWM") * 1024 };
}
