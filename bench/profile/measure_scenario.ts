import type { Imported } from "../import/mod.ts";
import { issueText } from "../store/run_error.ts";
import { type Scenario, ScenarioError, ScenarioSchema } from "../scenario/mod.ts";
import { fitScenario, playAgainst, type PlayedMetric } from "./fit_scenario.ts";
import { measureDevice } from "./measure_device.ts";
import { type MeasuredGuest, measureGuest } from "./measure_guest.ts";
import { recordedMetrics } from "./recorded_metrics.ts";

/** A scenario made of a log, and how near it comes to it. */
export interface MeasuredScenario {
  /** With the whole profile of each device as its own keys. */
  readonly scenario: Scenario;
  readonly metrics: readonly PlayedMetric[];
  readonly assumed: readonly string[];
}

/**
 * The last migration of an import as a scenario: its devices, its guest, what was chosen, and numbers that no log
 * tells chosen so that a virtual run comes out like it.
 *
 * @throws {ScenarioError} in one line, where the log has no completed migration of a device
 */
export function measureScenario(imported: Imported, name: string): MeasuredScenario {
  const migration = imported.migrations.at(-1);
  if (migration === undefined || migration.outcome !== "completed") {
    throw new ScenarioError(
      `Cannot make a scenario of ${imported.source.name}: its last migration did not complete, and what it would have taken is not in it`,
    );
  }
  if (migration.devices.length === 0) {
    throw new ScenarioError(
      `Cannot make a scenario of ${imported.source.name}: no VFIO device takes part`,
    );
  }
  const guest = measureGuest(imported, migration);
  const devices = migration.devices.map((device) => measureDevice(device, migration));
  const { data: scenario, error } = ScenarioSchema.safeParse({
    name,
    question: `Does the model come back as ${imported.source.name} recorded it?`,
    clock: "virtual",
    trials: 1,
    warmup: 0,
    params: guest.params,
    devices: devices.map(({ profile }, i) => ({
      id: safeId(migration.devices[i]?.id ?? "", i),
      profile: "generic",
      ...profile,
    })),
    ram: guest.ram,
    host: guest.host,
  });
  if (scenario === undefined) {
    throw new ScenarioError(
      `Cannot make a scenario of ${imported.source.name}: ${issueText(error)}`,
    );
  }
  const recorded = recordedMetrics(migration);
  const fitted = fitScenario(scenario, recorded);
  return {
    scenario: fitted,
    metrics: playAgainst(fitted, recorded),
    assumed: [...guest.assumed, ...devices.flatMap(({ assumed }) => assumed)],
  };
}

/** A device's name in a log may be anything; a scenario's ids are letters, digits and . _ : - only. */
function safeId(name: string, index: number): string {
  const id = name.replaceAll(/[^A-Za-z0-9._:-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return id === "" ? `device${index}` : id;
}

export type { MeasuredGuest };
