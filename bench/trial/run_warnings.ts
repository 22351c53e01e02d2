import type { Environment } from "../store/environment.ts";
import type { Case } from "../scenario/mod.ts";
import { driftWarning } from "./drift_warning.ts";
import { guestWarnings, measuredGuestWarning, measureGuestWriteS } from "./guest_share.ts";
import { machineWarnings } from "./machine_warnings.ts";
import type { Cases } from "./play_turns.ts";
import type { Rounds } from "./rounds.ts";
import { impreciseMetrics, type StopRule } from "./stop_rule.ts";
import { MOST_WARM_UPS, WARM_UP_RULE } from "./warm_up.ts";

/** What is known before the first trial to make a run's numbers less than they look. */
export function startWarnings(environment: Environment, cases: Iterable<Case>): string[] {
  const all = [...cases];
  if (!all.some(({ clock }) => clock === "wall")) return [];
  return [...machineWarnings(environment, all), ...guestWarnings(all, measureGuestWriteS())];
}

/** What is known after the last one. */
export function stopWarnings(
  cases: Cases,
  rounds: Rounds,
  rule: StopRule | null,
  isTimeUp: boolean,
): string[] {
  const unsteady = rounds.unsteady().map((number) =>
    `Not steady: the warm-up of ${nameOf(cases, number)} still rose or fell by more than ${
      WARM_UP_RULE.bound * 100
    } % over ${WARM_UP_RULE.window} trials after ${MOST_WARM_UPS}, and was measured so; look for what else runs`
  );
  const imprecise = rule === null
    ? []
    : [...cases.keys()].flatMap((number) =>
      impreciseMetrics(rounds.trialsOf(number), rule).map(({ metric, reached }) =>
        `Not as precise as asked: ${metric} of ${nameOf(cases, number)} is known to ${
          Number.isFinite(reached) ? `±${(reached * 100).toFixed(1)} %` : "no interval"
        } after ${rounds.trialsOf(number).length} trials, and ±${
          Number((rule.precision_ratio * 100).toPrecision(3))
        } % was asked for; ${isTimeUp ? "raise --max-time" : "raise --max-trials"}`
      )
    );
  const wall = [...cases].filter(([, { clock }]) => clock === "wall");
  const drift = wall.map(([number]) =>
    driftWarning(nameOf(cases, number), rounds.trialsOf(number), wall.length)
  );
  const guests = wall.map(([number]) =>
    measuredGuestWarning(nameOf(cases, number), rounds.trialsOf(number))
  );
  const measured = [...drift, ...guests].filter((line) => line !== null);
  return [...unsteady, ...imprecise, ...measured];
}

function nameOf(cases: Cases, number: number): string {
  const one = cases.get(number);
  return one === undefined ? `case ${number}` : `${one.scenario} ${one.label}`.trimEnd();
}
