import { findRun } from "../compare/mod.ts";
import { readRun, RUN_FILES } from "../store/mod.ts";
import { UsageError } from "../usage_error.ts";
import { type HistoryRun, historyRun } from "./history.ts";

/**
 * Reads what runs measured: of each folder that is a run itself, and of each that has run folders in it.
 *
 * @returns The runs, and a line for each folder that is damaged: one bad night does not hide all others
 * @throws {UsageError} for a folder that is neither, or cannot be read
 */
export async function readHistory(
  given: readonly string[],
  metrics: readonly string[],
  resultsDir: string,
): Promise<{ readonly runs: readonly HistoryRun[]; readonly warnings: readonly string[] }> {
  const folders = new Set<string>();
  for (const one of given) {
    for (const folder of await runFolders(await findRun(one, resultsDir))) folders.add(folder);
  }
  const runs: HistoryRun[] = [];
  const warnings: string[] = [];
  for (const folder of folders) {
    try {
      runs.push(historyRun(baseName(folder), await readRun(folder), metrics));
    } catch (error) {
      if (!(error instanceof Error) || !["RunError", "SyntaxError"].includes(error.name)) {
        throw error;
      }
      warnings.push(`Left out: ${error.message}`);
    }
  }
  return { runs, warnings };
}

async function runFolders(path: string): Promise<string[]> {
  if (await isRun(path)) return [path];
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const folder = `${path.replace(/(?<=.)\/+$/, "")}/${name}`;
      if (isDirectory && await isRun(folder)) found.push(folder);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such folder"
      : error.message;
    throw new UsageError(`Cannot read the runs in ${path}: ${reason}`);
  }
  return found.sort();
}

async function isRun(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(`${path}/${RUN_FILES.META}`)).isFile;
  } catch {
    return false; // Whatever it is, it is no run.
  }
}

function baseName(folder: string): string {
  return folder.split("/").filter((part) => part !== "").at(-1) ?? folder;
}
