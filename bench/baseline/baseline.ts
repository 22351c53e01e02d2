/**
 * The run that others are held against.
 *
 * ```text
 *   results/baselines/default.json                          which run it is; replaced all at once
 *   results/baselines/default/20260101T000000Z-nightly/     the run, copied
 * ```
 *
 * It is a copy: the run that it was made of may be deleted. Several have names of their own, one for each machine or
 * branch.
 *
 * @module
 */
import * as z from "zod";
import { parseBoundedJson, readBoundedText } from "../outside/mod.ts";
import { readRun, type StoredRun } from "../store/mod.ts";
import { UsageError } from "../usage_error.ts";

export const DEFAULT_BASELINE = "default";

/** It is some hundred bytes. */
const MOST_BYTES = 64 * 1024;

const BASELINE_SCHEMA = "vfio-migbench/baseline@1";

const BaselineSchema = z.object({
  schema: z.literal(BASELINE_SCHEMA),
  /** The name of the run's folder. */
  run: z.string().regex(/^[^/\0]+$/).refine((name) => name !== "." && name !== ".."),
  set_at: z.string(),
});

/** A baseline, and the folder that its run is copied to. */
export interface Baseline {
  readonly name: string;
  readonly run: string;
  readonly set_at: string;
  readonly folder: string;
}

/** Letters, digits and a few signs: it becomes a file's name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The baseline of that name; null where none was set. @throws {UsageError} for a damaged one */
export async function readBaseline(
  resultsDir: string,
  name: string = DEFAULT_BASELINE,
): Promise<Baseline | null> {
  const path = pointerPath(resultsDir, name);
  let text: string;
  try {
    text = await readBoundedText(path, MOST_BYTES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot read the baseline ${path}: ${error.message}`);
  }
  let found: z.infer<typeof BaselineSchema>;
  try {
    found = BaselineSchema.parse(parseBoundedJson(text));
  } catch {
    throw new UsageError(
      `Cannot read the baseline ${path}: it is none of ours, set one again (deno task baseline set RUN)`,
    );
  }
  const { run, set_at } = found;
  return { name, run, set_at, folder: `${copiesPath(resultsDir, name)}/${run}` };
}

/** The folder of the baseline's run; null where none was set. */
export async function baselineFolder(resultsDir: string, name?: string): Promise<string | null> {
  return (await readBaseline(resultsDir, name))?.folder ?? null;
}

/**
 * Makes a run the baseline. A kill at any moment leaves the old one or the new one.
 *
 * @returns The baseline, and its run
 * @throws {RunError} for what is no run
 * @throws {UsageError} where it cannot be copied, or is not complete and `anyway` is not given
 */
export async function setBaseline(
  resultsDir: string,
  folder: string,
  { name = DEFAULT_BASELINE, anyway = false, now = new Date() }: {
    readonly name?: string | undefined;
    readonly anyway?: boolean;
    readonly now?: Date;
  } = {},
): Promise<{ readonly baseline: Baseline; readonly stored: StoredRun }> {
  const stored = await readRun(folder);
  if (!stored.meta.complete && !anyway) {
    throw new UsageError(
      `Cannot take ${folder} as a baseline: it is not complete; --resume it, or take it with --anyway`,
    );
  }
  const pointer = pointerPath(resultsDir, name);
  const copies = copiesPath(resultsDir, name);
  const run = baseName(folder);
  const set_at = now.toISOString();
  try {
    await Deno.mkdir(copies, { recursive: true });
    // The baseline's own folder may be set again: then it is there already.
    if (await Deno.realPath(folder) !== await realPathOf(`${copies}/${run}`)) {
      const part = `${copies}/.${run}.tmp`;
      await removeFolder(part);
      await copyFiles(folder, part);
      await removeFolder(`${copies}/${run}`);
      await Deno.rename(part, `${copies}/${run}`);
    }
    const text = JSON.stringify({ schema: BASELINE_SCHEMA, run, set_at }, null, 2);
    await Deno.writeTextFile(`${pointer}.tmp`, `${text}\n`);
    await Deno.rename(`${pointer}.tmp`, pointer);
    await removeOthers(copies, run);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot keep the baseline in ${copies}: ${error.message}`);
  }
  return { baseline: { name, run, set_at, folder: `${copies}/${run}` }, stored };
}

function pointerPath(resultsDir: string, name: string): string {
  if (!NAME.test(name)) {
    throw new UsageError(
      `Cannot name a baseline ${
        JSON.stringify(name)
      }: expected letters, digits and . _ - such as ci-machine`,
    );
  }
  return `${copiesPath(resultsDir, name)}.json`;
}

function copiesPath(resultsDir: string, name: string): string {
  return `${resultsDir.replace(/(?<=.)\/+$/, "")}/baselines/${name}`;
}

function baseName(folder: string): string {
  const name = folder.split("/").filter((part) => part !== "").at(-1) ?? "";
  return name === "" || name === "." || name === ".." ? "run" : name;
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch {
    return undefined; // It is not there.
  }
}

async function copyFiles(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function removeOthers(copies: string, run: string): Promise<void> {
  for await (const { name } of Deno.readDir(copies)) {
    if (name !== run) await removeFolder(`${copies}/${name}`);
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
