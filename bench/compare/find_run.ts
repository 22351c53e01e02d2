import { RUN_FILES } from "../store/mod.ts";

/**
 * The folder that is meant: a path, or the name of a run in results/. What is neither stays as it is, and
 * reading it says why it cannot be read.
 */
export async function findRun(given: string, resultsDir: string): Promise<string> {
  if (await isRun(given) || given.includes("/")) return given;
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
