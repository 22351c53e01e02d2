import { assert, assertEquals, assertRejects } from "@std/assert";
import { expandCases, loadScenario } from "../scenario/mod.ts";
import { runVirtualTrial } from "../trial/mod.ts";
import { UsageError } from "../usage_error.ts";
import { profileLines } from "./profile_lines.ts";
import { importedCapture } from "./testdata/captures.ts";
import { writeProfile } from "./write_profile.ts";

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the scenario beside the profile plays as was told, and is held to what was recorded", () =>
  inFolder(async (folder) => {
    const imported = importedCapture("6-migpci64-ack-dirty");
    const summary = await writeProfile(imported, `${folder}/Mig PCI.json`);
    assertEquals(summary.scenario, `${folder}/mig-pci-scenario.jsonc`);
    const scenario = await loadScenario(summary.scenario, "");
    const [one] = expandCases(scenario);
    assert(one !== undefined);
    const { metrics } = runVirtualTrial(one, { caseNumber: 0, trial: 0, seed: 1 }).record;
    for (const { metric, played } of summary.metrics) assertEquals(metrics[metric], played);
    assertEquals(
      scenario.expect.map(({ metric, basis }) => [metric, basis]),
      summary.metrics.map(({ metric, fitted }) => [metric, fitted ? "fitted" : "predicted"]),
    );
    for (const { metric, min, max } of scenario.expect) {
      const value = metrics[metric] ?? NaN;
      assert(min <= value && value <= max, `${metric} ${value}`);
    }
  }));

Deno.test("what is told says which metrics came back as promised, and which did not", () => {
  const metric = (name: string, error: number) => ({
    metric: name,
    value: 100,
    played: 100 * (1 + error),
    error,
    fitted: false,
  });
  const summary = {
    profile: "a.json",
    scenario: "a-scenario.jsonc",
    promised_error: 0.15,
    metrics: [metric("downtime_ms", -0.3), metric("bytes_total", 0.01)],
    assumed: ["max_bandwidth: nobody says"],
  };
  const lines = profileLines(summary);
  assert(lines.some((line) => /downtime_ms +100\.0 ms +70\.0 ms +-30\.0 % +predicted/.test(line)));
  assert(lines.includes("NOT within the 15 % that is promised: downtime_ms."));
  assert(lines.includes("assumed  max_bandwidth: nobody says"));
  const good = profileLines({ ...summary, metrics: [metric("downtime_ms", 0.1)] });
  assert(good.includes("All within the 15 % that is promised."));
});

Deno.test("a path that is none for a profile is one line", () =>
  inFolder(async (folder) => {
    const imported = importedCapture("6-migpci64-ack-dirty");
    await assertRejects(() => writeProfile(imported, `${folder}/a.txt`), UsageError, ".json");
    await assertRejects(
      () => writeProfile(imported, `${folder}/no/a.json`),
      UsageError,
      "Cannot write",
    );
  }));
