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
    /** null where the machine does not say, as virtual ones do not. */
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
      cpu_model: cpuModel(readText("/proc/cpuinfo") ?? ""),
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

/** The processor's name out of /proc/cpuinfo, as x86 or arm64 kernels write it; "unknown" where it is not there. */
export function cpuModel(cpuinfo: string): string {
  return /^(?:model name|CPU part)\s*:\s*(.+)$/m.exec(cpuinfo)?.[1]?.trim() ?? "unknown";
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // Not on this system, or not for us to read.
  }
}
