import { caseOf, MACHINE, runOf, trialOf } from "../../compare/testdata/synthetic.ts";
import { createRandom } from "../../random.ts";
import type { CaseMeta, Environment } from "../../store/mod.ts";
import { type HistoryRun, historyRun } from "../history.ts";

/** What the nights have. */
export const METRICS = ["downtime_ms"];

/** When a night began. */
export function startOf(at: number): string {
  return new Date(Date.UTC(2026, 0, at + 1)).toISOString();
}

/** A night of which a case has that downtime, with noise of 1 %. */
export function night(
  at: number,
  downtime_ms: number,
  one: CaseMeta = caseOf(0),
  environment: Environment = MACHINE,
): HistoryRun {
  const random = createRandom(at + 1);
  const trials = Array.from({ length: 5 }, (_, trial) => {
    const noise = one.clock === "virtual" ? 1 : 1 + (random() - 0.5) / 50;
    return trialOf(one, trial, { downtime_ms: downtime_ms * noise });
  });
  const meta = { started_at: startOf(at), environment };
  return historyRun(`night-${at}`, runOf([one], trials, meta), METRICS);
}
