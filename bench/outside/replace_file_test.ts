import { assertEquals } from "@std/assert";
import { replaceFileText } from "./replace_file.ts";

async function inFolder(use: (folder: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a file is made, and replaced", async () => {
  await inFolder((folder) => {
    for (const text of ["one", "two, longer", ""]) {
      replaceFileText(`${folder}/a`, text);
      assertEquals(Deno.readTextFileSync(`${folder}/a`), text);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  });
});

Deno.test("what links point to is not written to", async () => {
  await inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/victim`, "untouched");
    Deno.symlinkSync(`${folder}/victim`, `${folder}/a`);
    Deno.symlinkSync(`${folder}/victim`, `${folder}/a.tmp`);
    replaceFileText(`${folder}/a`, "new");
    assertEquals(Deno.readTextFileSync(`${folder}/victim`), "untouched");
    assertEquals(Deno.readTextFileSync(`${folder}/a`), "new");
    assertEquals(Deno.lstatSync(`${folder}/a`).isSymlink, false);
  });
});
