/**
 * Kills runs at random moments and goes on with them:
 *
 *     deno run -A bench/store/kill_resume.ts [KILLS] [SEED]
 *
 * After every kill (SIGKILL: nothing can be tidied up) the folder must be readable, its histogram log by a stock reader too;
 * after the last one `--resume` must complete it, with every trial once, and what was played on the virtual clock must be
 * what an uninterrupted run says, byte for byte.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HistogramLogReader } from "hdr-histogram-js";
import { createRandom } from "../random.ts";
import { readRun, type StoredRun } from "./read_run.ts";
import { RUN_FILES } from "./write_run.ts";

/** What is played: the scenarios and their flags, as the command line has them. */
export type Played = readonly string[];

/** What came of the kills. */
export interface KillCounts {
  /** Runs that were begun. */
  readonly runs: number;
  /** Kills while the run's folder was there. */
  readonly kills: number;
  /** How many of those met a folder with some of its trials, and how many with a line that was not whole. */
  readonly between: number;
  readonly torn: number;
}

const MAIN = new URL("../main.ts", import.meta.url).pathname;
/** How often a run is killed at most before it may end. */
const MOST_KILLS_A_RUN = 3;

function bench(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", MAIN, "bench", ...args, "--json", "-q"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function toEnd(args: readonly string[]): Promise<{ text: string; took_ms: number }> {
  const began = performance.now();
  const { code, stdout, stderr } = await bench(args).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stderr));
  return { text: decoder.decode(stdout), took_ms: performance.now() - began };
}

/** Kills a process so many milliseconds after its run was there. Returns whether it was still running. */
async function killAfter(child: Deno.ChildProcess, run: string, wait_ms: number): Promise<boolean> {
  let isOver = false;
  const output = child.output().then((result) => {
    isOver = true;
    return result;
  });
  while (!isOver && !await isThere(run)) await sleep(1);
  await Promise.race([sleep(wait_ms), output]);
  const isKilled = !isOver;
  if (isKilled) child.kill("SIGKILL");
  await output;
  return isKilled;
}

async function isThere(run: string): Promise<boolean> {
  return await Deno.stat(`${run}/${RUN_FILES.META}`).then(() => true, () => false);
}

/** Reads a folder as whoever finds it would. */
async function readAsFound(run: string): Promise<StoredRun> {
  const stored = await readRun(run);
  const reader = new HistogramLogReader(
    await Deno.readTextFile(`${run}/${RUN_FILES.HISTOGRAMS}`),
  );
  let intervals = 0;
  while (reader.nextIntervalHistogram() !== null) intervals++;
  const kept = stored.trials.reduce((sum, one) => sum + Object.keys(one.histograms).length, 0);
  // Those of a trial that was being written may be there already.
  assert(intervals >= kept && intervals <= kept + 2, `${intervals} intervals, ${kept} kept`);
  return stored;
}

/** What was played on the virtual clock, as the result document says it; all of it where nothing else was played. */
function virtualPart(text: string): string {
  const document = JSON.parse(text);
  if (document.environment === null) return text;
  return JSON.stringify(document.cases.filter((one: { clock: string }) => one.clock === "virtual"));
}

/**
 * Kills runs of what is to be played, so many times in all.
 *
 * @throws {AssertionError} where a folder is not what it must be
 */
export async function killAndResume(
  played: Played,
  kills: number,
  random: () => number,
  folder: string,
): Promise<KillCounts> {
  const { text: whole, took_ms } = await toEnd([...played, "--out", `${folder}/whole`]);
  const { meta: wholeMeta, trials: wholeTrials } = await readRun(`${folder}/whole`);
  const counts = { runs: 0, kills: 0, between: 0, torn: 0 };
  while (counts.kills < kills) {
    const run = `${folder}/${counts.runs++}`;
    let args = [...played, "--out", run];
    for (let nth = 0; nth < MOST_KILLS_A_RUN && counts.kills < kills; nth++) {
      if (!await killAfter(bench(args), run, random() * took_ms)) break;
      const { trials, tornLines, meta } = await readAsFound(run);
      counts.kills++;
      // Killed while it printed what it had measured.
      if (meta.complete) break;
      if (trials.length > 0 && trials.length < wholeTrials.length) counts.between++;
      counts.torn += tornLines;
      args = ["--resume", run];
    }
    const { complete } = (await readRun(run)).meta;
    const text = complete ? undefined : (await toEnd(["--resume", run])).text;
    const { meta, trials } = await readAsFound(run);
    assertEquals([meta.complete, trials.length], [true, wholeTrials.length]);
    assertEquals(new Set(trials.map((one) => `${one.case}:${one.trial}`)).size, trials.length);
    assertEquals(meta.cases, wholeMeta.cases);
    if (text !== undefined) assertEquals(virtualPart(text), virtualPart(whole));
    await Deno.remove(run, { recursive: true });
  }
  return counts;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A run of the virtual clock alone, and one of both clocks. */
export const VIRTUAL: Played = ["precopy", "policy", "--clock", "virtual", "--trials", "300"];
export const BOTH: Played = ["smoke", "reinit", "--trials", "12"];

if (import.meta.main) {
  const [kills = 50, seed = 1] = Deno.args.map(Number);
  for (
    const [played, part] of [[VIRTUAL, Math.ceil(kills / 2)], [
      BOTH,
      Math.floor(kills / 2),
    ]] as const
  ) {
    const folder = await Deno.makeTempDir();
    try {
      const counts = await killAndResume(played, part, createRandom(seed), folder);
      console.log(`${played.join(" ")}: ${JSON.stringify(counts)}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
}
