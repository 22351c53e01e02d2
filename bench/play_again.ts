import { casesOfRun } from "./cases_of_run.ts";
import {
  comparability,
  type Comparison,
  confirm,
  type ConfirmOptions,
  planRerun,
} from "./compare/mod.ts";
import type { Progress } from "./progress.ts";
import { runSuite } from "./run_suite.ts";
import type { Case } from "./scenario/mod.ts";
import { captureEnvironment, type CaseMeta, readRun } from "./store/mod.ts";
import { preflight } from "./trial/mod.ts";

/** How a re-run is played. */
export interface PlayAgainOptions {
  /** Where run folders land, with its slash: this one in a folder of its own, so that no history has it. */
  readonly root: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Re-runs have only what regressed: they are no nights of a history. */
const AGAIN = "again";

/**
 * Plays again what regressed, as `--confirm` wants it, in a run folder of its own, which stays. Where nothing
 * regressed nothing is played. A string says why it cannot be confirmed here.
 *
 * @param first What the runs came to
 * @throws {RunError} where a run does not say what its cases are made of
 */
export async function playAgain(
  first: Comparison,
  compared: ConfirmOptions,
  { root, progress, signal }: PlayAgainOptions,
): Promise<Comparison | string> {
  const rerun = planRerun(first, compared);
  if (rerun === null) return first;
  const { base, candidate, anyway } = compared;
  const here = { ...candidate.meta, environment: captureEnvironment() };
  const { refusal } = comparability({ base: candidate.meta, candidate: here, anyway }, {
    pairs: rerun.pairs.map(({ pair }) => pair),
    unmatched: [],
    warnings: [],
  });
  if (refusal !== null) return refusal.replace("Cannot compare runs", "Cannot confirm a run");
  const cases = rerun.cases.map((one): Case => {
    const run = base.meta.cases.includes(one) ? base : candidate;
    return { ...caseOf(run, one), trials: playedTrials(run, one) };
  });
  preflight(cases);
  const folder = await runSuite(cases, {
    root: `${root}${AGAIN}`,
    out: undefined,
    jobs: 1,
    expect: [],
    name: candidate.meta.name,
    progress,
    signal,
  });
  if (signal.aborted) return first;
  return confirm(first, rerun, { run: folder, ...await readRun(folder) }, compared);
}

type Named = ConfirmOptions["base"];

function caseOf({ run, meta }: Named, one: CaseMeta): Case {
  const found = casesOfRun(run, { ...meta, cases: [one] }).get(one.index);
  if (found === undefined) throw new TypeError(`Cannot play case ${one.index}: it is not there`);
  return found;
}

/** As many as there were: more than were asked for where a precision was. */
function playedTrials({ trials }: Named, { index, trials: asked }: CaseMeta): number {
  return Math.max(asked, trials.filter((trial) => trial.case === index).length);
}
