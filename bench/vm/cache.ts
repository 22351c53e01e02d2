/** Written into a folder of the cache when it is whole: without it nobody uses the folder. */
const WHOLE = "whole";

/**
 * The folder of something that takes long to make: made at most once, by one process at a time, and used by all.
 *
 * A process that is ended in the middle leaves a folder without its mark (the lock ends with the process), and
 * the next one begins anew.
 *
 * @param cache The cache's folder
 * @param key The folder's name in it
 * @param make Fills the empty folder
 */
export async function cached(
  cache: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = `${cache}/${key}`;
  if (await isWhole(folder)) return folder;
  return await locked(cache, async () => {
    if (await isWhole(folder)) return folder;
    await Deno.remove(folder, { recursive: true }).catch(ignoreNotFound);
    await Deno.mkdir(folder, { recursive: true });
    await make(folder);
    await Deno.writeTextFile(`${folder}/${WHOLE}`, "");
    return folder;
  });
}

/** Does something while no other process does anything under the same cache's lock. */
async function locked<T>(cache: string, action: () => Promise<T>): Promise<T> {
  await Deno.mkdir(cache, { recursive: true });
  using file = await Deno.open(`${cache}/lock`, { create: true, write: true });
  await file.lock(true);
  return await action();
}

async function isWhole(folder: string): Promise<boolean> {
  return await Deno.stat(`${folder}/${WHOLE}`).then(() => true, () => false);
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/**
 * Where the cache is: as given, in MIGBENCH_VM_CACHE, or where the user's caches are.
 *
 * @returns Undefined where nothing says where the user's caches are
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
