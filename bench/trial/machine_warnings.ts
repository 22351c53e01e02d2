/**
 * What is known before the first trial to make a machine's numbers less than they look.
 *
 * @module
 */
import type { Case } from "../scenario/mod.ts";
import type { Environment } from "../store/environment.ts";

/** Above this part of the processors, other work is in the numbers. */
const BUSY_RATIO = 0.5;

/** Threads that are busy at once in a trial: both halves, and with multifd each channel and device at either end. */
export function busyThreads({ params, devices }: Case): number {
  return params.multifd ? 2 + 2 * (params.channels + devices.length) : 2;
}

/** Each warning says what, why, and what next. None for cases of the virtual clock, which no machine can disturb. */
export function machineWarnings(
  { comparable, context }: Environment,
  cases: Iterable<Case>,
): string[] {
  const wall = [...cases].filter(({ clock }) => clock === "wall");
  if (wall.length === 0) return [];
  const warnings: string[] = [];
  const cpus = comparable.cpu_count;
  const load = context.load_average_1m;
  if (load > BUSY_RATIO * cpus) {
    warnings.push(
      `Noisy machine: a load of ${
        load.toFixed(1)
      } on ${cpus} processors before the first trial, so other work is in the numbers; wait until it is idle`,
    );
  }
  const threads = Math.max(...wall.map(busyThreads));
  // One more, for this process's own work and the kernel's.
  if (threads >= cpus) {
    const why = threads > cpus ? "so they wait for each other" : "and nothing is left for the rest";
    warnings.push(
      `Few processors: a trial keeps ${threads} threads busy on ${cpus} processors, ${why}; compare only with runs of this machine, or take a larger one`,
    );
  }
  const governor = context.cpu_frequency_governor;
  if (governor !== null && governor !== "performance") {
    warnings.push(
      `Frequency scaling: the governor is ${governor}, so the clock follows the load; set it to performance (cpupower frequency-set -g performance)`,
    );
  }
  return warnings;
}
