import type { Case } from "../scenario/mod.ts";
import type { TrialRecord } from "../trial/mod.ts";
import type { Play } from "./one_comparison.ts";

/**
 * Trials that are drawn and not played: every metric is log-normal around 1, with `noise` as its sigma, and a planted
 * slowdown makes times longer and rates lower by as much. How the rule fares with noise of a known size, in no time.
 */
export function simulatedPlay(
  metrics: readonly string[],
  noise: number,
  random: () => number,
): Play {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const valueOf = (metric: string, slower: number) =>
    Math.exp(noise * normal()) * (metric.endsWith("_per_s") ? 1 / slower : slower);
  return (cases) =>
    Promise.resolve(
      cases.flatMap((one, index) =>
        Array.from({ length: one.trials }, (_, trial): TrialRecord => ({
          scenario: one.scenario,
          case: index,
          trial,
          clock: "wall",
          seed: one.seed,
          outcome: "completed",
          qemu_says: "completed",
          error: null,
          state_verified: true,
          metrics: Object.fromEntries(
            metrics.map((metric) => [metric, valueOf(metric, 1 + slowdownOf(one))]),
          ),
          downtime_breakdown_ms: {},
          devices: {},
          histograms: {},
        }))
      ),
    );
}

function slowdownOf({ devices }: Case): number {
  const [device] = devices;
  return device?.kind === "simulated" ? device.profile.slowdown_ratio : 0;
}
