import { openApt } from "./apt.ts";
import { cached, fillOnce, isWhole, locked } from "./cache.ts";
import { cpio } from "./cpio.ts";
import type { KernelPackages } from "./debian_packages.ts";
import { KBUILD_DIR, MODULE_DIR, VM_DIR } from "./fixtures.ts";
import {
  buildKernelModules,
  buildModules,
  fetchKernel,
  type KernelTree,
  latestKernel,
  moduleIndex,
  readModule,
} from "./kernel_build.ts";
import { type ModuleFile, moduleName, moduleOrder } from "./module_order.ts";
import { needDebian, needPrograms } from "./programs.ts";
import { runProgram } from "./run_program.ts";
import { readSources, sourceKey } from "./source_key.ts";

/** What QEMU boots. */
export interface GuestImage {
  readonly kernel: string;
  readonly initramfs: string;
  /** What `uname -r` says in it. */
  readonly release: string;
}

const METAPACKAGE = "linux-image-amd64";
/** The format of what the cache holds: another number, everything anew. */
const FORMAT = "1";

/** What the guest loads, by name; what these need comes with them. */
const MODULES = ["9pnet_virtio", "9p", "overlay", "vfio_iommu_type1", "iommufd", "mdev", "mtty"];

/**
 * The guest's kernel and initramfs, built if the cache has none of these sources. With them in the cache nothing
 * is downloaded and nothing asked of apt.
 *
 * @param cache The cache's folder, absolute
 * @param update Whether to look for a newer kernel than the cache has
 * @param say Is told what happens
 */
export async function guestImage(
  cache: string,
  update: boolean,
  say: (line: string) => void,
): Promise<GuestImage> {
  const { tree, key } = await kernelTree(cache, update, say);
  const own = await readSources(MODULE_DIR, (name) => /^Kbuild$|\.[ch]$/.test(name));
  const init = await Deno.readFile(`${VM_DIR}/init.c`);
  const ownKey = await sourceKey([[key, ""], ["init.c", init], ...own]);
  const folder = await cached(cache, `guest-${ownKey}`, async (folder) => {
    await needPrograms("build", say);
    const done = timed(say, own.length > 0 ? "Building our own modules" : "Building the initramfs");
    const more: string[] = [];
    if (own.length > 0) {
      await Deno.mkdir(`${folder}/module`);
      for (const [name, content] of own) await Deno.writeFile(`${folder}/module/${name}`, content);
      await buildModules(tree, `${folder}/module`);
      more.push(`${folder}/module`);
    }
    await Deno.writeFile(`${folder}/initramfs`, await initramfs(tree, folder, more));
    for (const path of more) await Deno.remove(path, { recursive: true });
    done();
  }, waiting(say));
  return {
    kernel: `${tree.folder}/vmlinuz`,
    initramfs: `${folder}/initramfs`,
    release: tree.release,
  };
}

/** An archive with the first process and the modules it loads. */
async function initramfs(
  tree: KernelTree,
  folder: string,
  own: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  await runProgram("gcc", [
    "-static",
    "-O2",
    "-Wall",
    "-Werror",
    "-o",
    `${folder}/init`,
    `${VM_DIR}/init.c`,
  ]);
  await runProgram("strip", [`${folder}/init`]);
  const find = await moduleIndex(tree, own);
  const ownNames: string[] = [];
  for (const path of own) {
    for await (const { name } of Deno.readDir(path)) {
      if (name.endsWith(".ko")) ownNames.push(moduleName(name));
    }
  }
  const modules: ModuleFile[] = await moduleOrder([...MODULES, ...ownNames.sort()], find);
  const files = [];
  for (const { name, path } of modules) {
    files.push({ path: `modules/${name}.ko`, bytes: await readModule(path) });
  }
  const order = modules.map(({ name }) => `/modules/${name}.ko\n`).join("");
  return cpio([
    { path: "init", bytes: await Deno.readFile(`${folder}/init`), executable: true },
    ...files,
    { path: "modules/order", bytes: new TextEncoder().encode(order) },
  ]);
}

/** A kernel's folder in the cache, by the name that it has there. */
interface CachedKernel {
  readonly tree: KernelTree;
  readonly key: string;
}

/** The kernel that the cache has, or the newest that apt knows. */
async function kernelTree(
  cache: string,
  update: boolean,
  say: (line: string) => void,
): Promise<CachedKernel> {
  const sources = await sourceKey([[FORMAT, ""], ...await readSources(KBUILD_DIR)]);
  const had = await chosenKernel(cache, sources);
  if (had !== undefined && !update) return had;
  await needDebian();
  await needPrograms("build", say);
  return await locked(cache, async () => {
    // Another process may have come first.
    const made = await chosenKernel(cache, sources);
    if (made !== undefined && !update) return made;
    const asked = timed(say, "Asking apt for the newest kernel");
    const apt = await openApt(`${cache}/apt`, METAPACKAGE);
    const kernel = await latestKernel(apt, METAPACKAGE);
    const { release } = kernel;
    asked(`Linux ${release}`);
    const key = kernelKey(kernel, sources);
    const folder = await fillOnce(cache, key, async (folder) => {
      const fetched = timed(say, `Fetching Linux ${release} and its sources`);
      await fetchKernel(apt, kernel, folder);
      fetched();
      const built = timed(say, "Preparing the sources, building vfio, iommufd and mtty");
      await buildKernelModules({ folder, release }, say);
      built();
    });
    const part = `${cache}/kernel.json.${Deno.pid}`;
    await Deno.writeTextFile(part, JSON.stringify(kernel));
    await Deno.rename(part, `${cache}/kernel.json`);
    await removeOthers(cache, key, sources);
    return { tree: { folder, release }, key };
  }, waiting(say));
}

/** The kernel that the cache was last filled with, if it was filled by these sources. */
async function chosenKernel(cache: string, sources: string): Promise<CachedKernel | undefined> {
  let kernel: KernelPackages;
  try {
    kernel = JSON.parse(await Deno.readTextFile(`${cache}/kernel.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
  const key = kernelKey(kernel, sources);
  if (!await isWhole(cache, key)) return undefined;
  return { tree: { folder: `${cache}/${key}`, release: kernel.release }, key };
}

/** Older kernels that the same sources were built for: each takes hundreds of megabytes. */
async function removeOthers(cache: string, key: string, sources: string): Promise<void> {
  for await (const { name } of Deno.readDir(cache)) {
    if (name === key || !name.startsWith("kernel-") || !name.endsWith(`-${sources}`)) continue;
    await Deno.remove(`${cache}/${name}`, { recursive: true });
  }
}

function kernelKey({ version }: KernelPackages, sources: string): string {
  return `kernel-${version}-${sources}`;
}

function waiting(say: (line: string) => void): () => void {
  return () => say("Waiting for another process that fills the cache");
}

function timed(say: (line: string) => void, what: string): (result?: string) => void {
  const began_ms = performance.now();
  say(`${what} ...`);
  return (result = "done") => {
    say(`  ${result} (${((performance.now() - began_ms) / 1000).toFixed(0)} s)`);
  };
}
