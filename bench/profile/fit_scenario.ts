import { applyOverrides, expandCases, type Scenario } from "../scenario/mod.ts";
import { runVirtualTrial } from "../trial/mod.ts";
import type { RecordedMetric } from "./recorded_metrics.ts";

/** A recorded metric and what the scenario gives for it; null where its migration fails. */
export interface PlayedMetric extends RecordedMetric {
  readonly played: number | null;
  /** played / recorded - 1. */
  readonly error: number | null;
}

/** Numbers that no log tells: by what they are multiplied in the search, in turn. */
const FACTORS = [0.4, 0.6, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2];
const ROUNDS = 3;

/**
 * Chooses the numbers that the log does not tell so that the fitted metrics come out best: how fast the source goes
 * through RAM, and how fast its guest dirties RAM and devices. The others stay as they were measured, and what is not
 * fitted (the downtime) is what they make of it.
 *
 * Dirtying in a log is known by what was read of it. Where as much is dirtied as can be read, that says how much is
 * dirty at most and not how fast: so both readings are tried.
 */
export function fitScenario(scenario: Scenario, recorded: readonly RecordedMetric[]): Scenario {
  const fitted = recorded.filter((one) => one.fitted);
  let best = { scenario, misfit: misfit(scenario, fitted) };
  const consider = (sets: readonly string[]) => {
    const other = applyOverrides(best.scenario, sets);
    const worth = misfit(other, fitted);
    if (worth < best.misfit) best = { scenario: other, misfit: worth };
  };
  const devices = scenario.devices.flatMap((one) =>
    one.kind === "simulated" && one.profile.dirty_rate > 0 ? [one] : []
  );
  const saturated = (factor: number) =>
    devices.map(({ id, profile }) => `devices.${id}.dirty_rate=${profile.dirty_rate * factor}`);
  const everywhere = devices.map(({ id }) => `devices.${id}.dirty_span=0`);
  if (devices.length > 0) {
    consider(everywhere);
    for (const factor of [1, 2, 4]) consider(saturated(factor));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const key of unknownKeys(best.scenario)) {
      const value = numberAt(best.scenario, key);
      for (const factor of FACTORS) consider([`${key}=${Math.round(value * factor)}`]);
    }
  }
  return best.scenario;
}

/** Plays the scenario and holds it against what was recorded. */
export function playAgainst(
  scenario: Scenario,
  recorded: readonly RecordedMetric[],
): PlayedMetric[] {
  const metrics = play(scenario);
  return recorded.map((one) => {
    const played = metrics[one.metric] ?? null;
    return { ...one, played, error: played === null ? null : played / one.value - 1 };
  });
}

function play(scenario: Scenario): Readonly<Record<string, number>> {
  const [one] = expandCases(scenario);
  if (one === undefined) return {};
  return runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: one.seed }).record.metrics;
}

/** The sum of the squares of how far the logarithms are apart: half and double are equally bad. */
function misfit(scenario: Scenario, fitted: readonly RecordedMetric[]): number {
  let sum = 0;
  for (const { value, played } of playAgainst(scenario, fitted)) {
    if (played === null || played <= 0) return Infinity;
    sum += Math.log(played / value) ** 2;
  }
  return sum;
}

function unknownKeys({ ram, devices }: Scenario): string[] {
  const keys = (["send_rate", "dirty_rate", "dirty_span"] as const)
    .filter((name) => ram[name] > 0).map((name) => `ram.${name}`);
  for (const device of devices) {
    if (device.kind !== "simulated" || device.profile.dirty_rate === 0) continue;
    keys.push(`devices.${device.id}.dirty_rate`);
    if (device.profile.dirty_span > 0) keys.push(`devices.${device.id}.dirty_span`);
  }
  return keys;
}

function numberAt({ ram, devices }: Scenario, key: string): number {
  if (key === "ram.send_rate") return ram.send_rate;
  if (key === "ram.dirty_rate") return ram.dirty_rate;
  if (key === "ram.dirty_span") return ram.dirty_span;
  const dot = key.lastIndexOf(".");
  const device = devices.find(({ id }) => key.slice(0, dot) === `devices.${id}`);
  if (device?.kind !== "simulated") return 0;
  return key.endsWith("_rate") ? device.profile.dirty_rate : device.profile.dirty_span;
}
