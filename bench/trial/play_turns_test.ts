import { assertEquals, assertRejects } from "@std/assert";
import { SCENARIOS_DIR } from "../paths.ts";
import { applyOverrides, type Case, expandCases, loadScenario } from "../scenario/mod.ts";
import { type Cases, type PlayedTurn, playTurns } from "./play_turns.ts";
import { schedule, type Turn } from "./schedule.ts";
import { startVirtualPool } from "./virtual_pool.ts";

async function virtualCases(trials: number): Promise<Map<number, Case>> {
  const scenario = await loadScenario("smoke", SCENARIOS_DIR);
  const cases = expandCases(applyOverrides(
    scenario,
    ["clock=virtual", `trials=${trials}`, "devices.nic0.stop_copy_report=noisy"],
    ["downtime_limit_ms=100,300"],
  ));
  return new Map(cases.entries());
}

function turnsOf(cases: Cases): Turn[] {
  return schedule([...cases.values()].map(({ trials }) => ({ trials, warmup: 1 })));
}

async function play(
  cases: Cases,
  jobs: number,
  signal = new AbortController().signal,
): Promise<PlayedTurn[]> {
  return await Array.fromAsync(playTurns(cases, turnsOf(cases), { jobs, signal }));
}

Deno.test("one Worker, two and none play the same trials in the same order", async () => {
  const cases = await virtualCases(50);
  const alone = await play(cases, 1);
  assertEquals(alone.length, turnsOf(cases).length);
  assertEquals(JSON.stringify(await play(cases, 2)), JSON.stringify(alone));
  assertEquals(JSON.stringify(await play(cases, 3)), JSON.stringify(alone));
});

Deno.test("trials of different numbers have different seeds, and the same ones the same", async () => {
  const seeds = (await play(await virtualCases(3), 1)).map(({ trial }) => trial.record.seed);
  assertEquals(new Set(seeds).size, 3);
});

Deno.test("once stopped, no further trial is played", async () => {
  const cases = await virtualCases(50);
  for (const jobs of [1, 2]) {
    const stop = new AbortController();
    const turns = playTurns(cases, turnsOf(cases), { jobs, signal: stop.signal });
    await turns.next();
    stop.abort();
    let left = 0;
    for await (const _ of turns) left++;
    // What one Worker had been given is at most a chunk.
    assertEquals(left < 64, true);
  }
  assertEquals(await play(cases, 1, AbortSignal.abort()), []);
});

Deno.test("a Worker that dies is told, not waited for", async () => {
  const pool = startVirtualPool(new Map(), 1, false);
  try {
    await assertRejects(
      () => pool.play([{ caseNumber: 0, trial: 0 }]),
      Error,
      "Cannot play case 0",
    );
  } finally {
    pool.end();
  }
});
