import type { ScenarioFile } from "./draw_trial.ts";

/** Whether a scenario still shows what is looked for. */
export type StillFails = (file: ScenarioFile) => Promise<boolean>;

/**
 * Makes a scenario smaller as long as it still fails: without one of its faults, devices, sections or keys at a time.
 * What is left needs all that stands in it.
 *
 * @param most The most that may be tried
 */
export async function shrink(
  file: ScenarioFile,
  stillFails: StillFails,
  most = 200,
): Promise<ScenarioFile> {
  let smallest = file;
  for (let tries = 0; tries < most;) {
    let isSmaller = false;
    for (const smaller of smallerThan(smallest)) {
      if (++tries > most) break;
      if (!await stillFails(smaller)) continue;
      smallest = smaller;
      isSmaller = true;
      break;
    }
    if (!isSmaller) break;
  }
  return smallest;
}

/** The scenario without one thing, the large things first. */
function* smallerThan(file: ScenarioFile): Generator<ScenarioFile> {
  for (const key of ["faults", "devices"]) {
    const list = file[key];
    if (!Array.isArray(list)) continue;
    for (const i of list.keys()) yield { ...file, [key]: list.toSpliced(i, 1) };
  }
  for (const key of ["ram", "region", "host", "link"]) {
    if (key in file) yield without(file, key);
  }
  for (const key of ["params", "ram", "host", "link", "region"]) {
    const section = file[key];
    if (!isObject(section)) continue;
    for (const name of Object.keys(section)) yield { ...file, [key]: without(section, name) };
  }
  for (const key of ["devices", "faults"]) {
    const list = file[key];
    if (!Array.isArray(list)) continue;
    for (const [i, one] of list.entries()) {
      if (!isObject(one)) continue;
      for (const name of Object.keys(one)) {
        yield { ...file, [key]: list.toSpliced(i, 1, without(one, name)) };
      }
    }
  }
}

function without(from: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
