import { assertEquals } from "@std/assert";
import { variantAliases, variantDriver } from "./variant_driver.ts";

const MODULES_ALIAS = `# Aliases extracted from modules themselves.
alias pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_core
alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci
alias vfio_pci:v00008086d00004941sv*sd*bc*sc*i* qat_vfio_pci
alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci
`;

Deno.test("a variant driver is found by the device's modalias, and vfio_pci, which takes all, is none", () => {
  const aliases = variantAliases(MODULES_ALIAS);
  const of = (modalias: string) => variantDriver(aliases, modalias);
  assertEquals(of("pci:v000015B3d0000101Esv000015B3sd00000058bc02sc00i00\n"), "mlx5_vfio_pci");
  assertEquals(of("pci:v00008086d00004941sv00008086sd00000000bc0Bsc40i00"), "qat_vfio_pci");
  assertEquals(of("pci:v00008086d00001572sv00008086sd00000001bc02sc00i00"), null);
  assertEquals(of(""), null);
});

Deno.test("a table that is not there has no variant drivers", () => {
  assertEquals(variantAliases(""), []);
});
