import { UsageError } from "../usage_error.ts";

/** Written into a folder of the cache when it is whole: without it nobody uses the folder. */
const WHOLE = "whole";
const WAITING_MS = 1_000;

/**
 * The folder of something that takes long to make: made at most once, by one process at a time, and used by all.
 *
 * @param cache The cache's folder
 * @param key The folder's name in it
 * @param make Fills the empty folder
 * @param waiting Is called when another process keeps this one waiting
 */
export async function cached(
  cache: string,
  key: string,
  make: (folder: string) => Promise<void>,
  waiting?: () => void,
): Promise<string> {
  if (await isWhole(cache, key)) return `${cache}/${key}`;
  return await locked(cache, () => fillOnce(cache, key, make), waiting);
}

/**
 * Fills a folder of the cache unless it is whole. The caller has the cache's lock.
 *
 * A process that is ended in the middle leaves a folder without its mark (the lock ends with the process), and
 * the next one begins anew.
 */
export async function fillOnce(
  cache: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = `${cache}/${key}`;
  if (await isWhole(cache, key)) return folder;
  await Deno.remove(folder, { recursive: true }).catch(ignoreNotFound);
  await Deno.mkdir(folder, { recursive: true });
  await make(folder);
  await Deno.writeTextFile(`${folder}/${WHOLE}`, "");
  return folder;
}

/** Whether a folder of the cache was filled to the end. */
export async function isWhole(cache: string, key: string): Promise<boolean> {
  return await Deno.stat(`${cache}/${key}/${WHOLE}`).then(() => true, () => false);
}

/**
 * Does something while no other process does anything under the same cache's lock.
 *
 * @param waiting Is called when another process keeps this one waiting
 * @throws {UsageError} If there can be no such cache
 */
export async function locked<T>(
  cache: string,
  action: () => Promise<T>,
  waiting: () => void = () => {},
): Promise<T> {
  using file = await openLock(cache);
  const timer = setTimeout(waiting, WAITING_MS);
  await file.lock(true).finally(() => clearTimeout(timer));
  return await action();
}

async function openLock(cache: string): Promise<Deno.FsFile> {
  try {
    await Deno.mkdir(cache, { recursive: true });
    return await Deno.open(`${cache}/lock`, { create: true, write: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot keep the guest in ${cache}: ${error.message}`);
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/**
 * Where the cache is: as given, in MIGBENCH_VM_CACHE, or where the user's caches are.
 *
 * @returns Its name; undefined where nothing says where the user's caches are
 */
export function cacheFolder(
  given: string | undefined,
  env: (name: string) => string | undefined,
): string | undefined {
  const named = given ?? env("MIGBENCH_VM_CACHE");
  if (named !== undefined && named !== "") return named;
  const caches = env("XDG_CACHE_HOME");
  if (caches !== undefined && caches.startsWith("/")) return `${caches}/vfio-migbench`;
  const home = env("HOME");
  return home === undefined || home === "" ? undefined : `${home}/.cache/vfio-migbench`;
}
