import { type Case, expandCases, ScenarioError, ScenarioSchema } from "../scenario/mod.ts";
import { createDice } from "./dice.ts";
import { drawFaults } from "./draw_faults.ts";
import { drawScenario, type System, SYSTEMS } from "./draw_scenario.ts";

/** A scenario file's content. */
export type ScenarioFile = Readonly<Record<string, unknown>>;

/** A trial of a sweep: all of it follows from the sweep's seed and its own number. */
export interface DrawnTrial {
  readonly number: number;
  readonly system: System;
  readonly file: ScenarioFile;
  readonly one: Case;
  /** The trial's own seed. */
  readonly seed: number;
}

export type Clock = "wall" | "virtual";

/** How often a scenario that cannot be played is drawn anew. */
const TRIES = 200;

/**
 * Draws the trial of a number. The systems take turns; what cannot be played is drawn anew.
 *
 * @throws {Error} where nothing that is drawn can be played, which is a fault of the drawing
 */
export function drawTrial(sweepSeed: number, number: number, clock: Clock): DrawnTrial {
  const seed = (Math.imul(sweepSeed, 0x9e3779b1) + Math.imul(number, 0x85ebca6b)) >>> 0;
  const dice = createDice(seed);
  const system = SYSTEMS[number % SYSTEMS.length] ?? "v2";
  let refusal = "";
  for (let i = 0; i < TRIES; i++) {
    const scenario = drawScenario(dice, system, clock);
    const file = { ...scenario, faults: drawFaults(dice, system, scenario) };
    const made = caseOf(file);
    if (typeof made !== "string") return { number, system, file, one: made, seed };
    refusal = made;
  }
  throw new Error(
    `Cannot draw trial ${number} of ${clock}, system ${system}: the last try was refused as ${refusal}`,
  );
}

/** The one case of a scenario file; or why it cannot be played. */
export function caseOf(file: ScenarioFile): Case | string {
  const parsed = ScenarioSchema.safeParse({
    name: "fault-sweep",
    question: "What becomes of this?",
    ...file,
  });
  if (!parsed.success) return parsed.error.issues[0]?.message ?? "no scenario";
  try {
    const [one] = expandCases(parsed.data);
    return one ?? "no case";
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
}
