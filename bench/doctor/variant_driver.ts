/**
 * Which driver migrates a PCI device, as the kernel's own table says.
 *
 * A variant driver names its devices in the module aliases under `vfio_pci:` where others have `pci:`, as it is never
 * bound unless somebody asks for it:
 *
 *     alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
 *
 * @module
 */

/** A line of modules.alias: what it matches, and the module. */
interface Alias {
  readonly pattern: RegExp;
  readonly module: string;
}

/** The variant drivers of a `modules.alias`. */
export function variantAliases(modulesAlias: string): Alias[] {
  return modulesAlias.split("\n").flatMap((line) => {
    const [, glob, module] = /^alias vfio_(pci:\S+) (\S+)$/.exec(line) ?? [];
    // vfio_pci itself takes every device, and migrates none.
    if (glob === undefined || module === undefined || module === "vfio_pci") return [];
    return [{ pattern: globPattern(glob), module }];
  });
}

/**
 * The module that migrates a device, or null.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { variantAliases, variantDriver } from "./variant_driver.ts";
 *
 * const aliases = variantAliases("alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n");
 * const modalias = "pci:v000015B3d0000101Esv000015B3sd00000058bc02sc00i00";
 * assertEquals(variantDriver(aliases, modalias), "mlx5_vfio_pci");
 * assertEquals(variantDriver(aliases, "pci:v00008086d00001572sv*sd*bc02sc00i00"), null);
 * ```
 *
 * @param modalias The device's, from sysfs
 */
export function variantDriver(aliases: readonly Alias[], modalias: string): string | null {
  return aliases.find(({ pattern }) => pattern.test(modalias.trim()))?.module ?? null;
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
