import { assert, assertEquals } from "@std/assert";
import { createRandom } from "../random.ts";
import { judgeProcess, SHORTEST_JUDGED_MS, type SoakSample } from "./judge_process.ts";

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** A sample a second, of a process whose memory and fds are as given at each minute. */
function samples(
  minutes: number,
  mib: (minute: number) => number,
  fds: (minute: number) => number = () => 30,
): SoakSample[] {
  const random = createRandom(7);
  return Array.from({ length: minutes * 60 }, (_, i) => ({
    at_ms: i * 1000,
    rss_bytes: (mib(i / 60) + 20 * (random() - 0.5)) * MIB,
    fds: fds(i / 60),
    workers: 4,
  }));
}

function verdict(minutes: number, given: SoakSample[]): (boolean | undefined)[] {
  const { rss_bytes, fds, workers } = judgeProcess(given, minutes * MINUTE_MS);
  return [rss_bytes?.flat, fds?.flat, workers?.flat];
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
  assertEquals(judgeProcess(few, 10 * MINUTE_MS), { rss_bytes: null, fds: null, workers: null });
  assert(judgeProcess(samples(1, () => 100), MINUTE_MS).fds !== null);
});
