import { assert, assertEquals } from "@std/assert";
import { applyOverrides, expandCases, type Scenario, ScenarioSchema } from "../scenario/mod.ts";
import { runVirtualTrial } from "../trial/mod.ts";
import { advise } from "./advise.ts";
import { adviceLines } from "./advice_lines.ts";
import type { Subject } from "./read_subject.ts";

function subjectOf(file: Record<string, unknown>): Subject {
  const scenario: Scenario = ScenarioSchema.parse({
    name: "t",
    question: "?",
    clock: "virtual",
    ...file,
  });
  return { name: "t", scenario, sourceOf: () => "the scenario says so", notes: [] };
}

/** Two devices whose stop-copy takes 200 ms each, one after the other unless multifd takes both at once. */
const TWO = {
  params: { policy: "qemu-11.1", downtime_limit_ms: 1000, avail_switchover_bandwidth: "1GB/s" },
  devices: ["nic0", "nic1"].map((id) => ({
    id,
    profile: "generic",
    precopy: false,
    state_size: "20MB",
    save_rate: "100MB/s",
    load_rate: "200MB/s",
  })),
};

Deno.test("what meets the limit does so when it is played, and what does not does not", () => {
  const subject = subjectOf(TWO);
  const { answer, tried, as_it_is } = advise(subject, 300);
  assert(answer !== null);
  assert(answer.sets.includes("multifd=on"), answer.sets.join(" "));
  assert(!as_it_is.meets && (as_it_is.downtime_ms ?? 0) > 400, JSON.stringify(as_it_is));
  const base = applyOverrides(subject.scenario, ["downtime_limit_ms=300"]);
  for (const { sets, downtime_ms, meets, why } of tried) {
    const [one] = expandCases(applyOverrides(base, sets));
    assert(one !== undefined);
    const { metrics } = runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: one.seed }).record;
    assertEquals(metrics.downtime_ms ?? null, downtime_ms, sets.join(" "));
    assertEquals(meets, downtime_ms !== null && downtime_ms <= 300);
    assertEquals(why === null, meets);
  }
});

Deno.test("those that meet the limit come first, the cheapest of them at the head", () => {
  const { answer, safest, tried } = advise(subjectOf(TWO), 300);
  const meeting = tried.filter(({ meets }) => meets);
  assertEquals(tried.slice(0, meeting.length), meeting);
  const totals = meeting.map(({ total_time_ms }) => total_time_ms ?? Infinity);
  assertEquals(totals, totals.toSorted((a, b) => a - b));
  assertEquals(answer, meeting[0] ?? null);
  assertEquals(
    safest?.downtime_ms,
    Math.min(...meeting.map(({ downtime_ms }) => downtime_ms ?? Infinity)),
  );
});

Deno.test("the answer hangs on the number that the downtime is made of", () => {
  const { hangs_on } = advise(subjectOf(TWO), 230);
  const [first] = hangs_on;
  assert(first !== undefined);
  assert(["devices.*.save_rate", "devices.*.state_size"].includes(first.key), first.key);
  assertEquals(first.flips, true);
  const rate = hangs_on.find(({ key }) => key === "devices.*.save_rate");
  assertEquals(rate?.text, "100MB/s");
  assert((rate?.less_downtime_ms ?? 0) > 230, "slower by a fifth is over");
});

Deno.test("where nothing meets the limit the nearest is named, and why it does not", () => {
  // Stopping takes longer than the limit, whatever is set.
  const file = {
    ...TWO,
    devices: TWO.devices.map((one) => ({ ...one, suspend_stop_ms: 400 })),
  };
  const advice = advise(subjectOf(file), 300);
  assertEquals(advice.answer, null);
  assert(advice.tried.every(({ meets }) => !meets));
  const lines = adviceLines(advice, ["so it is"]);
  assert(
    lines.some((line) =>
      /^meets 300 ms: none of \d+ settings; nearest: .* over: stopping vCPUs and devices/.test(line)
    ),
    lines.join("\n"),
  );
  assertEquals(lines.at(-1), "note: so it is");
});

Deno.test("a limit that somebody raised meanwhile is not part of the advice", () => {
  const subject = subjectOf({
    params: {
      policy: "qemu-11.1",
      downtime_limit_ms: 50,
      max_time_ms: 5000,
      avail_switchover_bandwidth: "100MB/s",
      downtime_limit_changes_at_ms: 2000,
      later_downtime_limit_ms: 2000,
    },
    devices: [{ id: "nic0", profile: "generic", initial_fraction: 0.5, save_rate: "100MB/s" }],
  });
  const { as_it_is, tried } = advise(subject, 50);
  assert((as_it_is.downtime_ms ?? 0) > 300, "it ended with the raised limit");
  const alone = tried.find(({ sets }) => sets.length === 0);
  assertEquals(alone?.downtime_ms, null);
});

Deno.test("the same subject gives the same advice", () => {
  assertEquals(advise(subjectOf(TWO), 300), advise(subjectOf(TWO), 300));
});

Deno.test("words first, then a table with the reasons", () => {
  const lines = adviceLines(advise(subjectOf(TWO), 300), []);
  assert(lines[0]?.startsWith("as it is: "));
  assert(
    /^meets 300 ms: \d+ of \d+ settings; cheapest: .*multifd=on/.test(lines[1] ?? ""),
    lines[1],
  );
  assert(lines.some((line) => line.startsWith("does not") && line.includes("because")));
  assert(lines.some((line) => line.startsWith("The answer hangs on ")));
});
