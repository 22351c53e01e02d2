import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "@std/jsonc";
import { closestString } from "@std/text/closest-string";
import { readBoundedText, refuseDepth } from "../outside/mod.ts";
import { errorOfIssues, ScenarioError, showValue } from "./scenario_error.ts";
import { PROFILE_FILE, specOf } from "./device_spec.ts";
import { profileOf, readProfileFile } from "./profile_file.ts";
import { type DeviceSpec, type Scenario, ScenarioSchema } from "./schema.ts";

const SUFFIX = ".jsonc";
/** The largest of the project's has 10 KiB. */
const MOST_BYTES = 1024 * 1024;

function pathOf(dir: string | URL): string {
  return typeof dir === "string" ? dir : fileURLToPath(dir);
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or folder";
  return error instanceof Error ? error.message : String(error);
}

/**
 * The names of the scenarios of a folder, in alphabetical order.
 *
 * @throws {ScenarioError} where the folder cannot be read.
 */
export async function listScenarios(dir: string | URL): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(dir)) {
      if (!isDirectory && name.endsWith(SUFFIX)) names.push(basename(name, SUFFIX));
    }
  } catch (error) {
    throw new ScenarioError(
      `Cannot list the scenarios in ${pathOf(dir)}: ${
        reasonOf(error)
      }; give a scenario's path instead`,
      { cause: error },
    );
  }
  return names.sort();
}

async function readText(path: string): Promise<string> {
  try {
    return await readBoundedText(path, MOST_BYTES);
  } catch (error) {
    throw new ScenarioError(
      `Cannot read the scenario ${path}: ${
        reasonOf(error)
      }; give a file that can be read, or a scenario's name`,
      { cause: error },
    );
  }
}

/** JSONC, with the place where it stops being so: the parser tells it as a position in the text. */
function parseJsonc(text: string, path: string): unknown {
  try {
    refuseDepth(text);
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const told = / at position (\d+)$/.exec(error.message);
    const position = told === null ? text.length : Number(told[1]);
    const lines = text.slice(0, position).split("\n");
    const place = `${path}:${lines.length}:${(lines.at(-1) ?? "").length + 1}`;
    const reason = error.message.replace(/^Cannot parse JSONC: /, "").replace(/ in JSONC.*$/s, "");
    throw new ScenarioError(`Cannot parse ${place} as JSONC: ${reason}`, { cause: error });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Makes a capture's path absolute and sees that it is there. What is in it, and beside it, is read before it is played. */
async function findCapture(device: DeviceSpec, index: number, path: string): Promise<DeviceSpec> {
  if (device.kind !== "replayed") return device;
  const capture = resolve(dirname(path), device.capture);
  if (await isFile(capture)) return { ...device, capture };
  const key = `devices[${index}].capture in ${path}`;
  throw new ScenarioError(
    `Cannot use ${key}: received ${
      showValue(device.capture)
    }, expected a recording's .jsonl, and there is no ${capture}`,
  );
}

/** Reads the profile file that a device starts from, where it does. */
async function findProfile(device: DeviceSpec, index: number, path: string): Promise<DeviceSpec> {
  if (device.kind !== "simulated" || !PROFILE_FILE.test(device.profile_name)) return device;
  const { id, profile_name, given } = device;
  const hash = profile_name.indexOf("#");
  const file = resolve(dirname(path), hash < 0 ? profile_name : profile_name.slice(0, hash));
  const name = hash < 0 ? undefined : profile_name.slice(hash + 1);
  const key = `devices[${index}].profile in ${path}`;
  return specOf(id, profile_name, given, profileOf(await readProfileFile(file), id, name, key));
}

async function findScenario(nameOrPath: string, dir: string | URL): Promise<string> {
  if (/[/\\]|\.jsonc?$/.test(nameOrPath)) return nameOrPath;
  const names = await listScenarios(dir);
  if (names.includes(nameOrPath)) return join(pathOf(dir), nameOrPath + SUFFIX);
  if (names.length === 0) {
    throw new ScenarioError(
      `Cannot find the scenario ${showValue(nameOrPath)}: there are none in ${
        pathOf(dir)
      }, give a path`,
    );
  }
  const nearest = closestString(nameOrPath, names);
  throw new ScenarioError(
    `Cannot find the scenario ${showValue(nameOrPath)}: did you mean ${nearest}? There are ${
      names.join(", ")
    }`,
  );
}

/**
 * Loads a scenario by its name, from the folder, or by its path: what has a slash or ends in `.jsonc`
 * or `.json` is a path.
 *
 * @throws {ScenarioError} one line for whatever is wrong with it.
 */
export async function loadScenario(
  nameOrPath: string,
  scenariosDir: string | URL,
): Promise<Scenario> {
  const path = await findScenario(nameOrPath, scenariosDir);
  const data = parseJsonc(await readText(path), path);
  const result = ScenarioSchema.safeParse(data);
  if (!result.success) throw errorOfIssues(result.error.issues, data, path);
  const scenario = result.data;
  const fileName = basename(path).replace(/\.jsonc?$/, "");
  if (scenario.name !== fileName) {
    throw new ScenarioError(
      `Cannot use name in ${path}: received ${
        showValue(scenario.name)
      }, expected the file's name: ${showValue(fileName)}`,
    );
  }
  const devices = await Promise.all(
    scenario.devices.map(async (device, index) =>
      await findProfile(await findCapture(device, index, path), index, path)
    ),
  );
  return { ...scenario, devices };
}
