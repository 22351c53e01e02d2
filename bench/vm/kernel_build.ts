import { KBUILD_DIR } from "./fixtures.ts";
import type { Apt } from "./apt.ts";
import { type KernelPackages, resolveKernel, sourcePackage } from "./debian_packages.ts";
import { moduleDepends, type ModuleFile, moduleName } from "./module_order.ts";
import { ProgramError, runProgram } from "./run_program.ts";
import { UsageError } from "../usage_error.ts";

/** What a folder of the cache holds of a stock kernel.
 *
 *     vmlinuz      as Debian built it
 *     modules/     its modules, as packed as they come
 *     source/      its sources, configured and prepared for modules
 *     built/       modules of those sources that Debian does not build: iommufd, vfio with it, mtty
 */
export interface KernelTree {
  readonly folder: string;
  readonly release: string;
}

/** The folders of the kernel's sources that are read when modules are prepared and built: a tenth of all. */
const SOURCE_FOLDERS = [
  "arch/x86",
  "certs",
  "drivers/iommu",
  "drivers/vfio",
  "include",
  "init",
  "kernel",
  "lib",
  "samples/vfio-mdev",
  "scripts",
  "security",
  "tools",
  "virt",
];
/** What describes the rest: the configuration asks about all of it. */
const SOURCE_FILES = ["*/Kconfig*", "*/Makefile*", "*/Kbuild*"];
const SOURCE_LEFT_OUT = ["*/tools/perf/*", "*/tools/testing/*"];

/** A folder of the kernel's sources to build, and what is put there first. */
interface Part {
  readonly folder: string;
  readonly files: readonly (readonly [from: string, to: string])[];
}

/** In the order in which they use each other's symbols; the last does with a stock vfio. */
const BUILT: readonly Part[] = [
  {
    folder: "drivers/iommu/iommufd",
    files: [["iommufd.Kbuild", "Kbuild"], ["span_iter.c", "span_iter.c"]],
  },
  { folder: "drivers/vfio", files: [["vfio.Kbuild", "Kbuild"]] },
  { folder: "samples/vfio-mdev", files: [["samples.Kbuild", "Kbuild"]] },
];

/** The kernel that apt would install now. */
export async function latestKernel(apt: Apt, metapackage: string): Promise<KernelPackages> {
  const found = await apt.show(metapackage);
  const kernel = found === undefined
    ? `there is no ${metapackage}`
    : await resolveKernel(found, (name, version) => apt.show(name, version));
  if (typeof kernel === "string") throw new UsageError(`Cannot find a kernel: ${kernel}`);
  return kernel;
}

/** Downloads a kernel's packages and unpacks them into a folder. */
export async function fetchKernel(apt: Apt, kernel: KernelPackages, folder: string): Promise<void> {
  const { release, version, binary } = kernel;
  const source = sourcePackage(version);
  if (source === undefined) throw new UsageError(`Cannot tell the series of Linux ${version}`);
  const debs = `${folder}/debs`;
  await Deno.mkdir(debs, { recursive: true });
  await apt.download([...binary, source], version, debs);
  const root = `${folder}/root`;
  for await (const { name } of Deno.readDir(debs)) {
    await runProgram("dpkg-deb", ["-x", `${debs}/${name}`, root]);
  }
  await Deno.remove(debs, { recursive: true });
  // Split packages have all of it in the modules' folder, older ones the image and the config in /boot.
  const modules = await firstThere([
    `${root}/usr/lib/modules/${release}`,
    `${root}/lib/modules/${release}`,
  ]);
  await Deno.rename(
    await firstThere([`${modules}/vmlinuz`, `${root}/boot/vmlinuz-${release}`]),
    `${folder}/vmlinuz`,
  );
  await Deno.rename(
    await firstThere([`${modules}/config`, `${root}/boot/config-${release}`]),
    `${folder}/config`,
  );
  await Deno.rename(
    `${root}/usr/src/linux-headers-${release}/Module.symvers`,
    `${folder}/Module.symvers`,
  );
  await Deno.rename(`${modules}/kernel`, `${folder}/modules`);
  await Deno.mkdir(`${folder}/source`);
  await runProgram("tar", [
    "-xJf",
    `${root}/usr/src/${source}.tar.xz`,
    "-C",
    `${folder}/source`,
    "--strip-components=1",
    "--wildcards",
    ...SOURCE_LEFT_OUT.map((pattern) => `--exclude=${pattern}`),
    ...SOURCE_FILES,
    ...SOURCE_FOLDERS.map((path) => `${source}/${path}`),
  ]);
  await Deno.remove(root, { recursive: true });
}

/**
 * Builds what a stock kernel lacks: iommufd, vfio that knows it (so that devices are there by group and by
 * cdev), and mtty. Where a kernel's sources do not give that, mtty alone, for the stock vfio.
 *
 * @param say Is told when it comes to the second
 */
export async function buildKernelModules(
  tree: KernelTree,
  say: (line: string) => void,
): Promise<void> {
  try {
    await configure(tree, true);
    await buildParts(tree, BUILT);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    say(
      `  These sources give no iommufd, so devices will be there by group alone: ${error.message}`,
    );
    await Deno.remove(`${tree.folder}/built`, { recursive: true });
    await configure(tree, false);
    await buildParts(tree, BUILT.slice(-1));
  }
}

/**
 * Configures the sources as Debian did, but for iommufd and cdev. The image stays the stock one, so everything that
 * the layout of its structures hangs on must stay too.
 */
async function configure(tree: KernelTree, cdev: boolean): Promise<void> {
  const { folder } = tree;
  const source = `${folder}/source`;
  await Deno.copyFile(`${folder}/config`, `${source}/.config`);
  // CONFIG_DEBUG_INFO_BTF moves fields of struct module and depends on there being a pahole. Nothing here
  // needs its work (the kernel's image, whose types it would deduplicate, is not at hand), only its answer.
  await Deno.writeTextFile(`${folder}/pahole`, "#!/bin/sh\necho v1.30\n", { mode: 0o755 });
  // Debian's signing key is not in the sources.
  const options = ["--set-str", "SYSTEM_TRUSTED_KEYS", ""];
  if (cdev) options.push("--module", "IOMMUFD", "--enable", "VFIO_DEVICE_CDEV");
  await runProgram("scripts/config", options, { cwd: source });
  await make(tree, source, ["olddefconfig"]);
  await make(tree, source, ["modules_prepare"]);
  await Deno.copyFile(`${folder}/Module.symvers`, `${source}/Module.symvers`);
}

async function buildParts(tree: KernelTree, parts: readonly Part[]): Promise<void> {
  const source = `${tree.folder}/source`;
  const built = `${tree.folder}/built`;
  await Deno.mkdir(built, { recursive: true });
  for (const part of parts) {
    const folder = `${source}/${part.folder}`;
    for (const [from, to] of part.files) {
      await Deno.copyFile(`${KBUILD_DIR}/${from}`, `${folder}/${to}`);
    }
    await buildModules(tree, folder);
    for (const path of await modulesBelow(folder)) {
      await Deno.copyFile(path, `${built}/${path.slice(path.lastIndexOf("/") + 1)}`);
    }
  }
}

/** Builds the modules of a folder that has a Kbuild. They may use the symbols of what was built before. */
export async function buildModules(tree: KernelTree, folder: string): Promise<void> {
  const source = `${tree.folder}/source`;
  const symbols: string[] = [];
  for (const part of BUILT) {
    const path = `${source}/${part.folder}/Module.symvers`;
    if (`${source}/${part.folder}` !== folder && await isThere(path)) symbols.push(path);
  }
  await make(tree, source, [
    `M=${folder}`,
    `KBUILD_EXTRA_SYMBOLS=${symbols.join(" ")}`,
    "modules",
  ]);
}

async function make(tree: KernelTree, cwd: string, args: readonly string[]): Promise<void> {
  await runProgram("make", [
    "--silent",
    `--jobs=${navigator.hardwareConcurrency}`,
    `KERNELRELEASE=${tree.release}`,
    `KERNELVERSION=${tree.release}`,
    `PAHOLE=${tree.folder}/pahole`,
    ...args,
  ], { cwd });
}

/** Looks modules up by name: those built here before the stock ones. */
export async function moduleIndex(
  tree: KernelTree,
  more: readonly string[],
): Promise<(name: string) => Promise<ModuleFile | undefined>> {
  const paths = new Map<string, string>();
  for (const folder of [`${tree.folder}/modules`, `${tree.folder}/built`, ...more]) {
    for (const path of await modulesBelow(folder)) paths.set(moduleName(path), path);
  }
  return async (name) => {
    const path = paths.get(name);
    if (path === undefined) return undefined;
    return { name, path, depends: moduleDepends(await readModule(path)) };
  };
}

/** A module's bytes, unpacked and without debug information. */
export async function readModule(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (path.endsWith(".xz")) return await runProgram("xz", ["-dc", path]);
  if (path.endsWith(".zst")) return await runProgram("zstd", ["-dcq", path]);
  const stripped = `${path}.stripped`;
  await runProgram("objcopy", ["--strip-debug", path, stripped]);
  const bytes = await Deno.readFile(stripped);
  await Deno.remove(stripped);
  return bytes;
}

async function modulesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await modulesBelow(`${folder}/${name}`));
    else if (/\.ko(\.\w+)?$/.test(name)) paths.push(`${folder}/${name}`);
  }
  return paths.sort();
}

async function firstThere(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    if (await isThere(path)) return path;
  }
  throw new UsageError(`Cannot take the kernel's packages: there is no ${paths.join(" and no ")}`);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
