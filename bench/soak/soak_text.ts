import { formatMs, formatSize } from "../scenario/mod.ts";
import type { Flatness } from "./judge_flat.ts";
import { SHORTEST_JUDGED_MS, type SoakedProcess } from "./judge_process.ts";
import type { SoakResult } from "./run_soak.ts";

/**
 * A soak's result for who reads it.
 *
 * @example Usage
 * ```ts
 * import { soakText } from "./soak_text.ts";
 * import type { SoakResult } from "./run_soak.ts";
 *
 * const show = (result: SoakResult) => console.log(soakText(result));
 * ```
 */
export function soakText(result: SoakResult): string {
  const { migrations, verified, carried, duration_ms, bytes_total, downtime_ms, failure } = result;
  const lines = [
    `${migrations} migrations in ${(duration_ms / 60_000).toFixed(1)} min, ${verified} verified, ${
      formatSize(bytes_total)
    } moved`,
    `${carried} began with the state that the one before had left`,
  ];
  if (downtime_ms !== null) {
    const { median, min, max } = downtime_ms;
    lines.push(`downtime ${formatMs(median)} in the median, ${formatMs(min)} to ${formatMs(max)}`);
  }
  for (const [name, process] of Object.entries(result.processes)) {
    lines.push(...processLines(name, process));
  }
  if (failure !== null) lines.push(`failed: ${failure}`);
  lines.push(result.passed ? "passed" : "NOT passed");
  return lines.join("\n");
}

function processLines(
  name: string,
  { kept_bytes, peak_bytes, fds, workers }: SoakedProcess,
): string[] {
  if (fds === null || workers === null) {
    return [`process ${name}: too few migrations to judge it`];
  }
  const kept = kept_bytes === null
    ? `memory is judged from ${SHORTEST_JUDGED_MS / 60_000} minutes on`
    : `${flatText(kept_bytes, formatSize)} of memory kept`;
  const memory = `${kept}, ${formatSize(peak_bytes)} at most`;
  return [
    `process ${name}: ${memory}; ${flatText(fds, (n) => n.toFixed(1))} fds; ${
      flatText(workers, (n) => n.toFixed(1))
    } Workers`,
  ];
}

function flatText(
  { median, growth, growth_ci95: [low, high], flat }: Flatness,
  format: (value: number) => string,
): string {
  const signed = (value: number) => `${value < 0 ? "-" : "+"}${format(Math.abs(value))}`;
  return `${format(median)} (${flat ? "flat" : "RISES"}: ${signed(growth)} over the soak, ${
    signed(low)
  } to ${signed(high)})`;
}
