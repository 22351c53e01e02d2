import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { readLink } from "./read_link.ts";

Deno.test("a link gives its text, wherever it leads; what is none gives EINVAL", () => {
  const folder = Deno.makeTempDirSync();
  Deno.symlinkSync("../nowhere/nic0", `${folder}/link`);
  assertEquals(readLink(`${folder}/link`), "../nowhere/nic0");
  assertEquals(readLink(folder), -ERRNO.EINVAL);
  assertEquals(readLink(`${folder}/none`), -ERRNO.ENOENT);
  assertEquals(readLink("a\0b"), -ERRNO.EINVAL);
  Deno.removeSync(folder, { recursive: true });
});
