import { CALL_METRICS, DEFAULT_METRICS, toleranceOf } from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import {
  compareOnce,
  keepOutcome,
  type Kind,
  KINDS,
  type Play,
  readOutcomes,
  type Setup,
  sidesOf,
  simulatedPlay,
  tallyOf,
  tallyText,
} from "./false_alarms/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { SCENARIOS_DIR } from "./paths.ts";
import { createProgress } from "./progress.ts";
import { createRandom } from "./random.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "./scenario/mod.ts";
import { createRounds, createSpares, playTurns, preflight, type TrialRecord } from "./trial/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task false-alarms [FLAGS]

How far compare --confirm can be trusted on this machine: makes the same comparison many times, of two sides that are
alike (every alarm is a false one) or with a slowdown planted in the data path of one (every alarm is right).
A comparison plays both sides interleaved, and what regressed once more, as "compare --by ... --confirm" does.

  --kind aa|planted      alike, or planted (aa)
  --count N              how many comparisons there are to be in the end (20)
  --trials N             trials of each side (32)
  --slowdown 0.1         what is planted
  --scenario NAME        whose one case is played (smoke)
  --set KEY=VALUE        sets a key of it
  --metric NAME          instead of those that compare has by default
  --tolerance 5%         as compare has it
  --out FILE             keeps every outcome as a line, and goes on with those that are there
  --simulate SIGMA       draws the values with this noise instead of playing anything
  --json                 one JSON document on stdout instead of the text
  --quiet                no progress on stderr

Exit: 0 fine, 2 usage error, 4 a trial failed, 130 interrupted (what --out has is kept).`;

/** `deno task false-alarms`. */
export async function falseAlarmsCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: [
      "kind",
      "count",
      "trials",
      "slowdown",
      "scenario",
      "tolerance",
      "out",
      "simulate",
    ],
    lists: ["set", "metric"],
    switches: ["json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (flags.operands.length > 0) {
    throw new UsageError(`Cannot take ${flags.operands[0]}: expected flags only, see --help`);
  }
  const count = numberOf("count", flags.text("count") ?? "20", 1, 100_000, true);
  const kind = kindOf(flags.text("kind") ?? "aa");
  const noise = flags.text("simulate");
  const setup: Setup = {
    kind,
    scenario: flags.text("scenario") ?? "smoke",
    sets: flags.list("set"),
    trials: numberOf("trials", flags.text("trials") ?? "32", 1, 10_000, true),
    slowdown_ratio: kind === "aa"
      ? 0
      : numberOf("slowdown", flags.text("slowdown") ?? "0.1", 0, 100),
    metrics: flags.list("metric").length > 0
      ? flags.list("metric")
      : [...DEFAULT_METRICS, ...CALL_METRICS],
    tolerance: toleranceOf(flags.text("tolerance")),
    simulated_noise: noise === undefined ? null : numberOf("simulate", noise, 0, 10),
  };
  const sides = sidesOf(await caseOf(setup), setup.slowdown_ratio);
  if (setup.simulated_noise === null) preflight(sides);

  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  const out = flags.text("out");
  const outcomes = out === undefined ? [] : await readOutcomes(out, setup);
  const progress = createProgress(flags.has("quiet") || setup.simulated_noise !== null);
  const play = setup.simulated_noise === null
    ? wallPlay(interrupt.signal)
    : simulatedPlay(setup.metrics, setup.simulated_noise, createRandom(1));
  try {
    const before = outcomes.length;
    while (outcomes.length < count) {
      const alarms = outcomes.filter(({ regressed }) => regressed.length > 0).length;
      const doneBefore = Math.min(before, count);
      progress.turn({ done: outcomes.length, doneBefore, total: count }, label(kind, alarms));
      const outcome = await compareOnce(sides, setup, play);
      if (interrupt.signal.aborted) break;
      outcomes.push(outcome);
      if (out !== undefined) keepOutcome(out, { setup, ...outcome });
    }
  } finally {
    progress.end();
    Deno.removeSignalListener("SIGINT", onSignal);
  }
  if (outcomes.length === 0) return EXIT.INTERRUPTED;
  const tally = tallyOf(setup, outcomes);
  console.log(flags.has("json") ? JSON.stringify(tally) : tallyText(tally));
  if (interrupt.signal.aborted) return EXIT.INTERRUPTED;
  return tally.failed_trials > 0 ? EXIT.TRIAL_FAILED : EXIT.FINE;
}

async function caseOf({ scenario, sets, trials }: Setup): Promise<Case> {
  const file = await loadScenario(scenario, SCENARIOS_DIR);
  const cases = expandCases(applyOverrides(file, [...sets, `trials=${trials}`]));
  const [one] = cases;
  if (one === undefined || cases.length > 1) {
    throw new UsageError(
      `Cannot compare ${cases.length} cases of ${scenario} with themselves: --set what varies, so that it has one`,
    );
  }
  return one;
}

function label(kind: Kind, alarms: number): string {
  return `a comparison (${kind}), ${alarms} alarms so far`;
}

/** As a run plays them: interleaved, warmed up, a trial at a time. */
function wallPlay(signal: AbortSignal): Play {
  return async (list) => {
    const trials: TrialRecord[] = [];
    const cases = new Map(list.entries());
    const rounds = createRounds(cases, null);
    const spares = createSpares();
    const options = { jobs: 1, signal, spares };
    try {
      for (let turns = rounds.next(); turns.length > 0 && !signal.aborted; turns = rounds.next()) {
        for await (const { turn, trial } of playTurns(cases, turns, options)) {
          if (turn.trial >= 0) trials.push(trial.record);
          rounds.take(turn, trial.record);
        }
      }
    } finally {
      spares.close();
    }
    return trials;
  };
}

function kindOf(text: string): Kind {
  const kind = KINDS.find((name) => name === text);
  if (kind !== undefined) return kind;
  throw new UsageError(`Cannot take --kind ${text}: there are ${KINDS.join(", ")}`);
}

function numberOf(flag: string, text: string, min: number, max: number, whole = false): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max && (!whole || Number.isInteger(value))) {
    return value;
  }
  const kind = whole ? "a whole number" : "a number";
  throw new UsageError(
    `Cannot take --${flag} ${text}: expected ${kind} from ${min} to ${max}`,
  );
}
