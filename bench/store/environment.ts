import { cpus } from "node:os";

/** Where a run was made. Runs whose `comparable` parts differ are not compared as if they were alike. */
export interface Environment {
  readonly comparable: {
    readonly deno: string;
    readonly v8: string;
    readonly typescript: string;
    readonly os: string;
    readonly os_release: string;
    readonly arch: string;
    readonly cpu_model: string;
    readonly cpu_count: number;
    readonly memory_total_bytes: number;
  };
  /** What was so at the time, and need not be so again. */
  readonly context: {
    readonly load_average_1m: number;
    readonly memory_available_bytes: number;
    /** null where the machine does not say, as virtual ones do not, or Deno may not read /sys (it takes --allow-all). */
    readonly cpu_frequency_governor: string | null;
  };
}

/** What is told of this machine; neither its name nor its user's. */
export function captureEnvironment(): Environment {
  const memory = Deno.systemMemoryInfo();
  return {
    comparable: {
      ...Deno.version,
      os: Deno.build.os,
      os_release: Deno.osRelease(),
      arch: Deno.build.arch,
      cpu_model: cpuModel(),
      cpu_count: navigator.hardwareConcurrency,
      memory_total_bytes: memory.total,
    },
    context: {
      load_average_1m: Deno.loadavg()[0] ?? 0,
      memory_available_bytes: memory.available,
      cpu_frequency_governor:
        readText("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?.trim() ?? null,
    },
  };
}

/** By way of node:os, which needs no more than --allow-sys; Deno reads /proc only with --allow-all. */
function cpuModel(): string {
  return cpus()[0]?.model.trim() || "unknown";
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null; // Not on this system, or not for us to read.
  }
}
