/** What `apt-cache show` says of one version of a package. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  /** Names of what it depends on, each with the version if it must be one exactly. */
  readonly depends: readonly { readonly name: string; readonly version?: string }[];
}

/**
 * Reads the stanzas that `apt-cache show` prints.
 *
 * Of alternatives (`a | b`) the first counts: it is the one that apt would take.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePackages } from "./debian_packages.ts";
 *
 * const [one] = parsePackages("Package: a\nVersion: 1-2\nDepends: b (= 1-2), c | d\n");
 * assertEquals(one?.depends, [{ name: "b", version: "1-2" }, { name: "c" }]);
 * ```
 */
export function parsePackages(text: string): DebianPackage[] {
  const packages: DebianPackage[] = [];
  for (const stanza of text.split(/\n\n+/)) {
    const field = (name: string) =>
      new RegExp(`^${name}: *(.*)$`, "m").exec(stanza)?.[1]?.trim() ?? "";
    const name = field("Package");
    const version = field("Version");
    if (name === "" || version === "") continue;
    packages.push({ name, version, depends: parseDepends(field("Depends")) });
  }
  return packages;
}

function parseDepends(text: string): DebianPackage["depends"] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "").map((item) => {
    const first = item.split("|")[0] ?? "";
    const name = /^[^\s(:]+/.exec(first.trim())?.[0] ?? "";
    const version = /\(\s*=\s*([^)\s]+)\s*\)/.exec(first)?.[1];
    return version === undefined ? { name } : { name, version };
  });
}

/** A stock kernel as Debian's packages have it. */
export interface KernelPackages {
  /** What `uname -r` says, for example `7.3.4+deb13-amd64`. */
  readonly release: string;
  /** The version of its packages, for example `7.3.4-1~bpo13+1`. */
  readonly version: string;
  /** The names of the packages that carry the image, its modules and its symbols. */
  readonly binary: readonly string[];
}

/**
 * The kernel that the metapackage of an architecture leads to.
 *
 * Newer ones are split into linux-binary-*, linux-modules-* and more, older ones are whole in linux-image-*.
 *
 * @param metapackage The candidate of for example linux-image-amd64
 * @param show Looks up one version of a package
 * @returns The kernel, or in words why there is none
 */
export async function resolveKernel(
  metapackage: DebianPackage,
  show: (name: string, version: string) => Promise<DebianPackage | undefined>,
): Promise<KernelPackages | string> {
  const { version } = metapackage;
  const image = metapackage.depends
    .map(({ name }) => name)
    .find((name) => /^linux-image-\d/.test(name));
  if (image === undefined) return `${metapackage.name} ${version} depends on no kernel image`;
  const release = image.slice("linux-image-".length).replace(/^unsigned-/, "");
  const found = await show(image, version);
  if (found === undefined) return `${image} ${version} is not among the packages`;
  const parts = found.depends
    .map(({ name }) => name)
    .filter((name) => /^linux-(binary|modules|base)-/.test(name) && name.endsWith(release));
  return { release, version, binary: [image, ...parts, `linux-headers-${release}`] };
}

/** The name of the package with the sources of a kernel: `linux-source-7.3` for `7.3.4-1~bpo13+1`. */
export function sourcePackage(version: string): string | undefined {
  const series = /^(?:\d+:)?(\d+\.\d+)/.exec(version)?.[1];
  return series === undefined ? undefined : `linux-source-${series}`;
}
