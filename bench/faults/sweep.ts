/**
 * Plays migrations of every system into which everything goes wrong that a fault plan has, drawn from a seed, and checks
 * of each what must stay true however it went wrong (`check_trial.ts`):
 *
 *     deno run -A bench/faults/sweep.ts --count 10000
 *     deno run -A bench/faults/sweep.ts --clock wall --count 300
 *     deno run -A bench/faults/sweep.ts --only 4711            one trial, as a scenario file and with what came of it
 *
 * The same seed draws the same trials, and on the virtual clock they come to the same, on every machine: the digest at
 * the end says so. A trial that breaks a rule is shrunk to a scenario that still does.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseFlags } from "../parse_flags.ts";
import { UsageError } from "../usage_error.ts";
import { type Clock, drawTrial } from "./draw_trial.ts";
import { playTrial, violationsOf } from "./play_trial.ts";
import { shrink } from "./shrink.ts";
import { sweepVirtual } from "./sweep_virtual.ts";
import { sweepWall } from "./sweep_wall.ts";
import { type SweptTrial, tallyOf, tallyText } from "./tally.ts";

const HELP = `deno run -A bench/faults/sweep.ts [FLAGS]

  --count N              how many trials (10000, on the wall clock 300)
  --clock virtual|wall   virtual
  --seed N               draws other trials (1)
  --from N               the first trial's number (0)
  --only N               draws and plays this one alone, and prints its scenario and what came of it
  --jobs N               how many virtual trials are played side by side (2)
  --kinds                what became of every single kind of fault
  --json                 one JSON document on stdout instead of tables
  --quiet                no progress on stderr

Exit: 0 every trial kept the rules, 1 one did not, 2 usage error.`;

/** The most violations that are shrunk: the first ones say most. */
const SHRUNK = 5;

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["count", "clock", "seed", "from", "only", "jobs"],
    switches: ["kinds", "json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  if (flags.operands.length > 0) {
    throw new UsageError(`Cannot take ${flags.operands[0]}: expected flags only, see --help`);
  }
  const clock = clockOf(flags.text("clock") ?? "virtual");
  const seed = numberOf("seed", flags.text("seed") ?? "1", 0, 0xffff_ffff);
  const only = flags.text("only");
  if (only !== undefined) return await playOnly(seed, numberOf("only", only, 0, 2 ** 31), clock);

  const most = clock === "wall" ? "300" : "10000";
  const count = numberOf("count", flags.text("count") ?? most, 1, 10_000_000);
  const first = numberOf("from", flags.text("from") ?? "0", 0, 2 ** 31);
  const jobs = numberOf("jobs", flags.text("jobs") ?? "2", 1, 64);
  const trials: SweptTrial[] = [];
  const onTrial = (trial: SweptTrial) => {
    trials.push(trial);
    if (trial.violations.length > 0) {
      console.error(`trial ${trial.number}: ${trial.violations.join("; ")}`);
    }
    if (!flags.has("quiet") && trials.length % (clock === "wall" ? 50 : 500) === 0) {
      console.error(`${trials.length} of ${count}`);
    }
  };
  if (clock === "wall") await sweepWall(seed, first, count, onTrial);
  else await sweepVirtual(seed, first, count, jobs, onTrial);

  trials.sort((a, b) => a.number - b.number);
  const bad = trials.filter(({ violations }) => violations.length > 0);
  for (const one of bad.slice(0, SHRUNK)) await explain(seed, one, clock);
  const digest = digestOf(trials);
  const tally = tallyOf(trials);
  if (flags.has("json")) {
    console.log(JSON.stringify({ clock, seed, count, digest, ...tally, violations: bad }));
  } else {
    console.log(tallyText(tally, flags.has("kinds")));
    console.log(
      `\n${count} trials on the ${clock} clock from seed ${seed}, ${bad.length} broke a rule` +
        (clock === "virtual" ? `; digest ${digest}` : ""),
    );
  }
  return bad.length === 0 ? 0 : 1;
}

/** Plays one trial alone, and says all of it. */
async function playOnly(seed: number, number: number, clock: Clock): Promise<number> {
  const { system, file, one, seed: trialSeed } = drawTrial(seed, number, clock);
  const { trial, violations } = await playTrial(one, clock, trialSeed);
  const said = trial === null ? null : {
    outcome: trial.record.outcome,
    qemu_says: trial.record.qemu_says,
    error: trial.record.error,
    injected: trial.record.injected,
    aftermath: trial.aftermath,
  };
  console.log(JSON.stringify({ number, system, seed: trialSeed, file, said, violations }, null, 2));
  return violations.length === 0 ? 0 : 1;
}

/** Prints how to see a violation again, and the smallest scenario that shows one like it. */
async function explain(
  seed: number,
  { number, outcome }: SweptTrial,
  clock: Clock,
): Promise<void> {
  // What hung once would hang again, and here nobody could end it.
  const hung = clock === "virtual" && outcome === "broken";
  const { file, one, seed: trialSeed } = drawTrial(seed, number, clock);
  const flags = clock === "wall" ? " --clock wall" : "";
  console.error(
    `\nAgain: deno run -A bench/faults/sweep.ts --seed ${seed}${flags} --only ${number}`,
  );
  if (hung) return;
  const [rule] = (await playTrial(one, clock, trialSeed)).violations;
  if (rule === undefined) {
    console.error("Played alone it keeps the rules.");
    return;
  }
  const sort = sortOf(rule);
  const smallest = await shrink(file, async (smaller) => {
    const violations = await violationsOf(smaller, clock, trialSeed);
    return violations !== null && violations.some((one) => sortOf(one) === sort);
  });
  console.error(`${rule}\n${JSON.stringify(smallest)}`);
}

/** What two violations of the same rule have in common: the words without names and numbers. */
function sortOf(rule: string): string {
  return rule.replaceAll(/\d+/g, "N").slice(0, 24);
}

function digestOf(trials: readonly SweptTrial[]): string {
  const hash = createHash("sha256");
  for (const { digest } of trials) hash.update(digest);
  return hash.digest("hex").slice(0, 16);
}

function clockOf(text: string): Clock {
  if (text === "wall" || text === "virtual") return text;
  throw new UsageError(`Cannot take --clock ${text}: there are virtual, wall`);
}

function numberOf(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(
    `Cannot take --${flag} ${text}: expected a whole number from ${min} to ${max}`,
  );
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(2);
  }
}
