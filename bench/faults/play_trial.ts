import { limitOf, runVirtualTrial, runWallTrial, type Trial } from "../trial/mod.ts";
import { caseOf, type Clock, type ScenarioFile } from "./draw_trial.ts";
import { checkTrial } from "./check_trial.ts";
import type { Case } from "../scenario/mod.ts";

/** What a wall-clock trial may take beyond its migration's limits: it is ended then, which is what is looked for. */
export const PATIENCE_MS = 400;
/** What calls that are slowed down may add, and a machine that does other things. */
const SLACK_MS = 6_000;

/** A trial and the rules that it breaks. */
export interface CheckedTrial {
  readonly trial: Trial | null;
  readonly violations: readonly string[];
}

/** Plays a case and checks it. Whatever is thrown is a violation too: a trial does not throw. */
export async function playTrial(one: Case, clock: Clock, seed: number): Promise<CheckedTrial> {
  const place = { caseNumber: 0, trial: 0, seed };
  const keep = { patience_ms: PATIENCE_MS };
  const limit_ms = limitOf(one, clock === "wall" ? keep : {}) + SLACK_MS;
  try {
    const trial = clock === "virtual"
      ? runVirtualTrial(one, place)
      : await runWallTrial(one, place, new AbortController().signal, keep);
    return { trial, violations: checkTrial(one, trial, limit_ms) };
  } catch (error) {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    return { trial: null, violations: [`it threw: ${text}`] };
  }
}

/** The rules that a scenario file's trial breaks; null where it cannot be played. */
export async function violationsOf(
  file: ScenarioFile,
  clock: Clock,
  seed: number,
): Promise<readonly string[] | null> {
  const one = caseOf(file);
  if (typeof one === "string") return null;
  return (await playTrial(one, clock, seed)).violations;
}
