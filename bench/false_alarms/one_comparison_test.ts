import { assertEquals, assertGreater } from "@std/assert";
import { SCENARIOS_DIR } from "../paths.ts";
import { createRandom } from "../random.ts";
import { expandCases, loadScenario } from "../scenario/mod.ts";
import { compareOnce, type Play, sidesOf } from "./one_comparison.ts";
import { simulatedPlay } from "./simulated_play.ts";

const RULE = { metrics: ["downtime_ms", "throughput_precopy_bytes_per_s"], tolerance: 0.05 };

const [SMOKE] = expandCases({ ...await loadScenario("smoke", SCENARIOS_DIR), trials: 16 });

function sides(slowdown_ratio: number) {
  if (SMOKE === undefined) throw new TypeError("Cannot compare smoke: it has no case");
  return sidesOf(SMOKE, slowdown_ratio);
}

Deno.test("the sides are alike but for what is planted", () => {
  const profiles = sides(0.1).map(({ devices: [device] }) =>
    device?.kind === "simulated" ? device.profile : undefined
  );
  assertEquals(profiles[1], { ...profiles[0], slowdown_ratio: 0.1 });
  const [before, after] = sides(0);
  assertEquals<unknown>(after, { ...before, label: "side=after", varies: { side: "after" } });
});

Deno.test("with noise of 4 %, 10 % are found in all but few, and alarms are rare", async () => {
  const random = createRandom(7);
  const play = simulatedPlay(RULE.metrics, 0.04, random);
  let found = 0;
  let falseAlarms = 0;
  for (let i = 0; i < 60; i++) {
    if ((await compareOnce(sides(0.1), RULE, play)).regressed.length > 0) found++;
    if ((await compareOnce(sides(0), RULE, play)).regressed.length > 0) falseAlarms++;
  }
  assertGreater(found, 57);
  assertEquals(falseAlarms, 0);
});

Deno.test("an alarm is played again, and one that was chance is none", async () => {
  const random = createRandom(3);
  let plays = 0;
  // The first time the second side is slower, the second time it is not.
  const play: Play = (cases) => {
    plays++;
    return simulatedPlay(RULE.metrics, 0.02, random)(
      plays === 1 ? sides(0.3).map((one, i) => ({ ...one, label: cases[i]?.label ?? "" })) : cases,
    );
  };
  const outcome = await compareOnce(sides(0), RULE, play);
  assertEquals([plays, outcome.regressed_first.length, outcome.regressed], [2, 2, []]);
  assertGreater(outcome.ratios["downtime_ms"] ?? 0, 1.2);
});
