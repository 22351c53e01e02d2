import { assertEquals } from "@std/assert";
import { ACCESS, access } from "./access.ts";
import { ERRNO } from "./errno.ts";

Deno.test("what may be used gives 0, what is not there the kernel's reason", () => {
  const file = Deno.makeTempFileSync();
  assertEquals(access(file, ACCESS.R_OK | ACCESS.W_OK), 0);
  Deno.removeSync(file);
  assertEquals(access(file, ACCESS.F_OK), -ERRNO.ENOENT);
  assertEquals(access("a\0b", ACCESS.F_OK), -ERRNO.EINVAL);
});
