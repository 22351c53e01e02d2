import { KBUILD_DIR } from "./fixtures.ts";
import type { Apt } from "./apt.ts";
import { type KernelPackages, resolveKernel, sourcePackage } from "./debian_packages.ts";
import { moduleDepends, type ModuleFile, moduleName } from "./module_order.ts";
import { runProgram, runProgramText } from "./run_program.ts";
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

/** The parts of the kernel's sources that preparing and building modules reads: a tenth of them. */
const SOURCE_PARTS = [
  "*/Kconfig*",
  "*/Makefile*",
  "*/Kbuild*",
  ...[
    "arch/x86",
    "certs",
    "drivers/iommu",
    "drivers/vfio",
    "include",
    "init",
    "kernel",
    "lib",
    "mm",
    "samples/vfio-mdev",
    "scripts",
    "security",
    "tools",
    "virt",
  ].map((part) => `linux-source-*/${part}`),
];

/** Modules built from the kernel's own sources, folder by folder, and the Kbuild that stands in each. */
const BUILT = [
  { folder: "drivers/iommu/iommufd", files: { "iommufd.Kbuild": "Kbuild", "span_iter.c": "" } },
  { folder: "drivers/vfio", files: { "vfio.Kbuild": "Kbuild" } },
  { folder: "samples/vfio-mdev", files: { "samples.Kbuild": "Kbuild" } },
] as const;

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
    ...SOURCE_PARTS,
  ]);
  await Deno.remove(root, { recursive: true });
}

/**
 * Configures the sources as Debian did, but with iommufd and with devices as character devices, and builds what a
 * stock kernel lacks. The image stays the stock one, so everything that the layout of its structures hangs on must
 * stay too.
 */
export async function buildKernelModules(tree: KernelTree): Promise<void> {
  const { folder } = tree;
  const source = `${folder}/source`;
  await Deno.copyFile(`${folder}/config`, `${source}/.config`);
  // CONFIG_DEBUG_INFO_BTF moves fields of struct module and depends on there being a pahole. Nothing here
  // needs its work (the kernel's image, whose types it would deduplicate, is not at hand), only its answer.
  await Deno.writeTextFile(`${folder}/pahole`, "#!/bin/sh\necho v1.30\n", { mode: 0o755 });
  await runProgram("scripts/config", [
    ...["--module", "IOMMUFD", "--enable", "VFIO_DEVICE_CDEV"],
    // Debian's key is not in the sources.
    ...["--set-str", "SYSTEM_TRUSTED_KEYS", ""],
  ], { cwd: source });
  await make(tree, source, ["olddefconfig"]);
  await make(tree, source, ["modules_prepare"]);
  await Deno.copyFile(`${folder}/Module.symvers`, `${source}/Module.symvers`);
  await Deno.mkdir(`${folder}/built`, { recursive: true });
  const symbols: string[] = [];
  for (const part of BUILT) {
    for (const [from, to] of Object.entries(part.files)) {
      await Deno.copyFile(`${KBUILD_DIR}/${from}`, `${source}/${part.folder}/${to || from}`);
    }
    await buildModules(tree, `${source}/${part.folder}`, symbols);
    symbols.push(`${source}/${part.folder}/Module.symvers`);
    for (const path of await modulesBelow(`${source}/${part.folder}`)) {
      await Deno.copyFile(path, `${folder}/built/${path.slice(path.lastIndexOf("/") + 1)}`);
    }
  }
}

/** Builds a folder of ours that has a Kbuild and uses vfio's symbols. */
export async function buildOwnModule(tree: KernelTree, module: string): Promise<void> {
  const symbols = BUILT.map((part) => `${tree.folder}/source/${part.folder}/Module.symvers`);
  await buildModules(tree, module, symbols);
}

async function buildModules(
  tree: KernelTree,
  module: string,
  symbols: readonly string[],
): Promise<void> {
  await make(tree, `${tree.folder}/source`, [
    `M=${module}`,
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
  await runProgramText("objcopy", ["--strip-debug", path, stripped]);
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
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  throw new UsageError(`Cannot take the kernel's packages: there is no ${paths.join(" and no ")}`);
}
