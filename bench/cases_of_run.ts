import * as z from "zod";
import { SCENARIOS_DIR } from "./paths.ts";
import { type Case, caseSettings, definedCase, MAX_TURNS, plannedTurns } from "./scenario/mod.ts";
import { type CaseMeta, RunError, type RunMeta } from "./store/mod.ts";
import type { Cases } from "./trial/mod.ts";

/**
 * The cases of a run, as it began with them, by their numbers in it.
 *
 * @throws {RunError} in one line, where the run does not say what they are made of, or says two things
 */
export function casesOfRun(path: string, meta: RunMeta): Cases {
  const cases = new Map(meta.cases.map((one) => [one.index, caseOf(path, one)]));
  const turns = plannedTurns(cases.values());
  if (turns <= MAX_TURNS) return cases;
  throw new RunError(
    `Cannot go on with the run ${path}: it has ${turns} trials, ${MAX_TURNS} are the most`,
  );
}

function caseOf(path: string, meta: CaseMeta): Case {
  const { varies, params, definition, settings, index } = meta;
  const refuse = (why: string) =>
    new RunError(`Cannot go on with the run ${path}: ${why}; play a new one`);
  if (definition === undefined) {
    throw refuse("it is of before runs kept what their cases are made of");
  }
  let one: Case;
  try {
    one = definedCase(meta, varies, params, definition, SCENARIOS_DIR);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issue = error.issues[0];
    const where = issue?.path.join(".") ?? "";
    throw refuse(`case ${index} of run.json is none (${where}: ${issue?.message ?? "damaged"})`);
  }
  const file = one.devices.find((device) =>
    device.kind === "kernel" && device.to.startsWith("file:")
  );
  if (file !== undefined) {
    throw refuse(`the state of ${file.id} went to a file, which run.json names`);
  }
  // What a comparison goes by and what is played must be the same.
  if (JSON.stringify(caseSettings(one)) !== JSON.stringify(settings)) {
    throw refuse(`the settings of case ${index} in run.json are not what it is made of`);
  }
  return one;
}
