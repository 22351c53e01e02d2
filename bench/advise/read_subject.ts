import { basename } from "node:path";
import { readImport } from "../import/mod.ts";
import { readBoundedText } from "../outside/mod.ts";
import { measureScenario } from "../profile/mod.ts";
import {
  applyOverrides,
  loadScenario,
  PROFILE_SCHEMA,
  type ProfileFile,
  readProfileFile,
  type Scenario,
  ScenarioSchema,
} from "../scenario/mod.ts";
import { issueText } from "../store/run_error.ts";
import { UsageError } from "../usage_error.ts";

/** What advice is asked on. */
export interface Subject {
  readonly name: string;
  /** On the virtual clock; what it varies is left out. */
  readonly scenario: Scenario;
  /** Where a number is from: measured, fitted, assumed, or the scenario's own. */
  sourceOf(key: string): string;
  /** What whoever reads the advice should know of the subject. */
  readonly notes: readonly string[];
}

/** Numbers that no log tells, and that were chosen so that a virtual run comes out like it. */
const FITTED = /^ram\.(send_rate|dirty_rate|dirty_span)$|^devices\..*\.(dirty_rate|dirty_span)$/;

/**
 * Reads what advice is asked on: the folder of an imported run, a profile file (.json), or a scenario by name or path.
 *
 * @throws {UsageError | ScenarioError | ImportError | RunError} in one line, where it is none of these
 */
export async function readSubject(path: string, scenariosDir: string | URL): Promise<Subject> {
  if (await isFolder(path)) return await importedSubject(path);
  if (path.endsWith(".json") && await isProfile(path)) return await profileSubject(path);
  const scenario = await loadScenario(path, scenariosDir);
  return {
    name: scenario.name,
    scenario: alone(scenario),
    sourceOf: () => "the scenario says so",
    notes: varies(scenario)
      ? ["What the scenario varies is left out: its parameters as they stand are advised on."]
      : [],
  };
}

async function importedSubject(path: string): Promise<Subject> {
  const imported = await readImport(path);
  const { scenario, assumed, metrics } = measureScenario(imported, "imported");
  const worst = Math.max(...metrics.map(({ error }) => Math.abs(error ?? 1)));
  return {
    name: `${imported.source.name} in ${path}`,
    scenario: alone(scenario),
    sourceOf: (key) =>
      key === "host.pass_us" || key === "host.query_us"
        ? "assumed: no log tells it"
        : FITTED.test(key)
        ? "fitted: no log tells it"
        : "measured in the log",
    notes: [
      `The model comes within ${(worst * 100).toFixed(0)} % of every metric that the log recorded.`,
      ...assumed,
    ],
  };
}

/** A profile says nothing of the guest around its devices. */
async function profileSubject(path: string): Promise<Subject> {
  const file: ProfileFile = await readProfileFile(path);
  const devices = Object.entries(file.devices).map(([id, profile]) => ({
    id,
    profile: "generic",
    ...profile,
  }));
  const { data: scenario, error } = ScenarioSchema.safeParse({
    name: "profile",
    question: `Which settings keep ${basename(path)} within the limit?`,
    clock: "virtual",
    params: { policy: file.origin.policy, switchover_ack: true },
    devices,
  });
  if (scenario === undefined) {
    throw new UsageError(`Cannot advise on ${path}: ${issueText(error)}`);
  }
  return {
    name: basename(path),
    scenario,
    sourceOf: (key) => key.startsWith("devices.") ? "the profile says so" : "assumed",
    notes: [
      "A profile says nothing of the guest: no RAM, no limit on the link, switchover-ack on. A scenario that names the profile can say more.",
    ],
  };
}

/** The scenario as one case on the virtual clock, with nothing expected of it. */
function alone(scenario: Scenario): Scenario {
  const replayed = scenario.devices.find(({ kind }) => kind === "replayed");
  if (replayed !== undefined) {
    throw new UsageError(
      `Cannot advise on ${scenario.name}: ${replayed.id} is a recording, which answers as it did and to no other settings`,
    );
  }
  const one = { ...scenario, matrix: {}, variants: {}, expect: [] };
  return applyOverrides(one, ["clock=virtual"]);
}

function varies({ matrix, variants }: Scenario): boolean {
  return Object.keys(matrix).length + Object.keys(variants).length > 0;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Whether a .json file calls itself a profile; one that cannot be read is told of by who reads it next. */
async function isProfile(path: string): Promise<boolean> {
  try {
    return (await readBoundedText(path)).includes(PROFILE_SCHEMA);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
