import { basename, dirname, join } from "node:path";
import type { DeviceProfile } from "../../core/device/profile.ts";
import type { Imported } from "../import/mod.ts";
import { PROFILE_SCHEMA, type ProfileFile, type Scenario } from "../scenario/mod.ts";
import { UsageError } from "../usage_error.ts";
import type { PlayedMetric } from "./fit_scenario.ts";
import { type MeasuredScenario, measureScenario } from "./measure_scenario.ts";
import { profileLines, type ProfileSummary } from "./profile_lines.ts";
import { PROMISED_ERROR } from "./promise.ts";

/** What was written, and what is to be told of it. */
export type WrittenProfile = ProfileSummary;

/**
 * Writes the profile of the last migration of an import, and beside it the scenario that plays it again:
 * `nic.json` and `nic-scenario.jsonc`.
 *
 * @param path The profile's path, which ends in `.json`
 * @throws {UsageError} in one line, where it cannot be written
 * @throws {ScenarioError} in one line, where the log has nothing to make a profile of
 */
export async function writeProfile(imported: Imported, path: string): Promise<WrittenProfile> {
  if (!path.endsWith(".json")) {
    throw new UsageError(`Cannot write the profile ${path}: expected a path that ends in .json`);
  }
  const name = `${slug(basename(path, ".json"))}-scenario`;
  const measured = measureScenario(imported, name);
  const scenarioPath = join(dirname(path), `${name}.jsonc`);
  const summary: WrittenProfile = {
    profile: path,
    scenario: scenarioPath,
    promised_error: PROMISED_ERROR,
    metrics: measured.metrics,
    assumed: measured.assumed,
  };
  await write(path, JSON.stringify(profileFile(imported, measured), null, 2) + "\n");
  await write(scenarioPath, scenarioText(imported, measured, basename(path), summary));
  return summary;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write the profile ${path}: ${reason}`);
  }
}

/** A scenario's name is words of a-z and 0-9 with - between them. */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "") || "profile";
}

function profileFile(imported: Imported, { scenario, assumed }: MeasuredScenario): ProfileFile {
  const devices: Record<string, DeviceProfile> = {};
  for (const device of scenario.devices) {
    if (device.kind === "simulated") devices[device.id] = device.profile;
  }
  const log = imported.source.name;
  return {
    schema: PROFILE_SCHEMA,
    origin: { log, policy: scenario.params.policy, assumed },
    devices,
  };
}

/** The parameters that a log tells; the others have their defaults. */
const PARAMS = [
  "policy",
  "buffer_size",
  "switchover_ack",
  "return_path",
  "downtime_limit_ms",
  "downtime_limit_changes_at_ms",
  "later_downtime_limit_ms",
  "max_bandwidth",
  "avail_switchover_bandwidth",
  "multifd",
  "channels",
  "max_time_ms",
] as const;

function scenarioText(
  imported: Imported,
  { scenario, metrics }: MeasuredScenario,
  profileName: string,
  summary: ProfileSummary,
): string {
  const several = scenario.devices.length > 1;
  const file = {
    name: scenario.name,
    question: scenario.question,
    clock: "virtual",
    trials: 1,
    warmup: 0,
    params: Object.fromEntries(PARAMS.map((key) => [key, scenario.params[key]])),
    devices: scenario.devices.map(({ id }) => ({
      id,
      profile: `./${profileName}${several ? `#${id}` : ""}`,
    })),
    ram: scenario.ram,
    host: hostOf(scenario),
    expect: metrics.map(expectation),
  };
  const comment = [
    `Made of ${imported.source.name}${
      imported.destination === null ? "" : ` and ${imported.destination.name}`
    }: what QEMU recorded, played again on the virtual clock.`,
    ...profileLines(summary).slice(1),
  ];
  return comment.map((line) => `// ${line}`.trimEnd()).join("\n") +
    `\n${JSON.stringify(file, null, 2)}\n`;
}

function hostOf({ host }: Scenario): Partial<Scenario["host"]> {
  const { setup_ms, pass_us, query_us, stop_ms, config_ms, start_ms, finish_ms } = host;
  return { setup_ms, pass_us, query_us, stop_ms, config_ms, start_ms, finish_ms };
}

/** Held to what is promised; one that missed it to what it missed it by, in steps of 5 %. */
function expectation({ metric, value, error, fitted }: PlayedMetric) {
  const missed = error === null ? 1 : Math.ceil(Math.abs(error) / 0.05) * 0.05;
  const within = Number(Math.max(PROMISED_ERROR, missed).toFixed(2));
  return { metric, value, within, basis: fitted ? "fitted" : "predicted" };
}
