import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { readText } from "./read_text.ts";

Deno.test("a text is read to its end, or to the most that is wanted", () => {
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, "mlx5_vfio_pci\n");
  assertEquals(readText(file), "mlx5_vfio_pci\n");
  assertEquals(readText(file, 4), "mlx5");
  Deno.writeTextFileSync(file, "");
  assertEquals(readText(file), "");
  Deno.removeSync(file);
  assertEquals(readText(file), -ERRNO.ENOENT);
  assertEquals(readText("/"), -ERRNO.EISDIR);
});
