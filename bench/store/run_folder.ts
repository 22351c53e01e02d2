import { basename, dirname } from "node:path";
import { reasonText, RunError } from "./run_error.ts";

/** Where a run folder is to be: a new one among others, or the one that the user names. */
export type RunPlace =
  | { readonly root: string; readonly name: string }
  | { readonly out: string };

/** UTC, to the second, without what file systems dislike: 20261121T024500Z. */
export function folderTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
}

/**
 * Makes a run folder with what `fill` writes into it: under another name first, so that it is there whole or not at
 * all. Only an empty folder that is there already, which may be a link or a mount, is filled where it is.
 *
 * @returns Its path
 * @throws {RunError} where there is something in it, or it cannot be made
 */
export function makeRunFolder(place: RunPlace, fill: (folder: string) => void): string {
  if ("out" in place) return makeNamedFolder(place.out, fill);
  const { root, name } = place;
  // A run that is merged has its name from files.
  if (/[/\0]/.test(name)) throw cannotWrite(root, `${JSON.stringify(name)} is no folder's name`);
  const base = root.endsWith("/") ? root : `${root}/`;
  const parts = makeParts(base, name, root, fill);
  for (let n = 1;; n++) {
    const path = n === 1 ? `${base}${name}` : `${base}${name}-${n}`;
    if (moveTo(path, parts, true)) return path;
  }
}

function makeNamedFolder(path: string, fill: (folder: string) => void): string {
  const isEmpty = isEmptyFolder(path);
  if (isEmpty === false) throw cannotWrite(path, "there is something in it, name an empty folder");
  if (isEmpty) {
    try {
      fill(path);
    } catch (error) {
      throw cannotWrite(path, error);
    }
    return path;
  }
  const parts = makeParts(`${dirname(path)}/`, basename(path), path, fill);
  moveTo(path, parts, false);
  return path;
}

/** undefined where there is none. */
function isEmptyFolder(path: string): boolean | undefined {
  try {
    return [...Deno.readDirSync(path)].length === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw cannotWrite(path, error);
  }
}

/** A folder beside those of runs, filled. */
function makeParts(
  base: string,
  name: string,
  told: string,
  fill: (folder: string) => void,
): string {
  const parts = `${base}.${name}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    Deno.mkdirSync(base, { recursive: true });
    Deno.mkdirSync(parts);
    fill(parts);
    return parts;
  } catch (error) {
    removeParts(parts);
    throw cannotWrite(told, error);
  }
}

/** Gives the folder its name. false where another has it, and that is no error. */
function moveTo(path: string, parts: string, mayBeTaken: boolean): boolean {
  try {
    Deno.renameSync(parts, path);
    return true;
  } catch (error) {
    if (mayBeTaken && isThere(path)) return false;
    removeParts(parts);
    throw cannotWrite(path, error);
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeParts(parts: string): void {
  try {
    Deno.removeSync(parts, { recursive: true });
  } catch {
    // It was not made, or cannot be removed: the error that is told says more.
  }
}

function cannotWrite(path: string, why: unknown): RunError {
  return new RunError(`Cannot write a run to ${path}: ${reasonText(why)}`);
}
