import { assert, assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { judgeProcess, SHORTEST_JUDGED_MS, type SoakSample } from "./judge_process.ts";

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/**
 * A sample a second, of a process that keeps memory and has fds as given at each minute, and collects its garbage every
 * fifth.
 */
function samples(
  minutes: number,
  mib: (minute: number) => number,
  fds: (minute: number) => number = () => 30,
  garbage: (minute: number) => number = () => 40,
): SoakSample[] {
  const random = createRandom(7);
  return Array.from({ length: minutes * 60 }, (_, i) => ({
    at_ms: i * 1000,
    rss_bytes: (mib(i / 60) + 10 * (random() - 0.5) + (i % 5 === 0 ? 0 : garbage(i / 60))) * MIB,
    collected: i % 5 === 0,
    fds: fds(i / 60),
    workers: 4,
  }));
}

function verdict(minutes: number, given: SoakSample[]): (boolean | undefined)[] {
  const { kept_bytes, fds, workers } = judgeProcess(given, minutes * MINUTE_MS);
  return [kept_bytes?.flat, fds?.flat, workers?.flat];
}

Deno.test("what a process takes in its first minutes is no leak", () => {
  const growing = (minute: number) => 150 + 100 * Math.min(minute, 2);
  assertEquals(verdict(5, samples(5, growing)), [true, true, true]);
  assertEquals(verdict(30, samples(30, growing)), [true, true, true]);
});

Deno.test("a leak of half a megabyte a minute is seen in half an hour, and what goes on after the beginning", () => {
  assertEquals(verdict(30, samples(30, (minute) => 150 + minute / 2)), [false, true, true]);
  assertEquals(verdict(10, samples(10, (minute) => 150 + 10 * minute)), [false, true, true]);
});

Deno.test("garbage that grows with the load is no leak", () => {
  const given = samples(30, () => 250, () => 30, (minute) => 4 * minute);
  assertEquals(verdict(30, given), [true, true, true]);
  const { peak_bytes } = judgeProcess(given, 30 * MINUTE_MS);
  assert(peak_bytes > 365 * MIB, "it is told all the same");
});

Deno.test("memory may rise by a twentieth, or by 8 MiB", () => {
  assertEquals(verdict(30, samples(30, (minute) => 500 + 0.8 * minute))[0], true);
  assertEquals(verdict(30, samples(30, (minute) => 100 + 0.3 * minute))[0], true);
  assertEquals(verdict(30, samples(30, (minute) => 100 + 0.4 * minute))[0], false);
});

Deno.test("a short soak's memory is not judged, its fds are", () => {
  const leaking = (minute: number) => 30 + Math.floor(minute);
  const short = SHORTEST_JUDGED_MS / MINUTE_MS - 1;
  assertEquals(verdict(short, samples(short, (minute) => 100 * minute, leaking)), [
    undefined,
    false,
    true,
  ]);
});

Deno.test("of a few migrations nothing is said", () => {
  const few = samples(1, () => 100).slice(0, 10);
  const { peak_bytes, ...judged } = judgeProcess(few, 10 * MINUTE_MS);
  assertEquals(judged, { kept_bytes: null, fds: null, workers: null });
  assert(peak_bytes > 100 * MIB && peak_bytes < 150 * MIB);
  assert(judgeProcess(samples(1, () => 100), MINUTE_MS).fds !== null);
});
