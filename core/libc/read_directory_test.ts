import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { readDirectory } from "./read_directory.ts";

Deno.test("every name of a directory is given, however many, and none of its own", () => {
  const folder = Deno.makeTempDirSync();
  // More than fit into one getdents64.
  const names = Array.from({ length: 2_000 }, (_, nth) => `${"name".repeat(5)}-${nth}`);
  for (const name of names) Deno.writeTextFileSync(`${folder}/${name}`, "");
  Deno.writeTextFileSync(`${folder}/.hidden`, "");
  const read = readDirectory(folder);
  assertEquals(typeof read === "number" ? read : read.sort(), [".hidden", ...names].sort());
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("what is no directory, or not there, has the kernel's reason", () => {
  const file = Deno.makeTempFileSync();
  assertEquals(readDirectory(file), -ERRNO.ENOTDIR);
  Deno.removeSync(file);
  assertEquals(readDirectory(file), -ERRNO.ENOENT);
});
