import { baselineFolder } from "../baseline/mod.ts";
import { RUN_FILES } from "../store/mod.ts";

/** `baseline`, or `baseline:NAME` for one of several. */
const BASELINE = /^baseline(?::(.+))?$/;

/**
 * The folder that is meant: a path, the name of a run in results/, or `baseline`. What is neither stays as it is, and
 * reading it says why it cannot be read.
 */
export async function findRun(given: string, resultsDir: string): Promise<string> {
  if (await isRun(given) || given.includes("/")) return given;
  const [baseline, name] = BASELINE.exec(given) ?? [];
  if (baseline !== undefined) return await baselineFolder(resultsDir, name) ?? given;
  const inResults = `${resultsDir}${given}`;
  return await isRun(inResults) ? inResults : given;
}

async function isRun(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(`${path}/${RUN_FILES.META}`)).isFile;
  } catch {
    return false; // Whatever is wrong with it, reading it says.
  }
}
