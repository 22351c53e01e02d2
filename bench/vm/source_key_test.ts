import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { readSources, sourceKey } from "./source_key.ts";

Deno.test("sourceKey is of names and contents, not of their order", async () => {
  const key = await sourceKey([["a.c", "int a;"], ["Kbuild", "obj-m := a.o"]]);
  assertMatch(key, /^[0-9a-f]{16}$/);
  assertEquals(await sourceKey([["Kbuild", "obj-m := a.o"], ["a.c", "int a;"]]), key);
  assertNotEquals(await sourceKey([["a.c", "int b;"], ["Kbuild", "obj-m := a.o"]]), key);
  assertNotEquals(await sourceKey([["b.c", "int a;"], ["Kbuild", "obj-m := a.o"]]), key);
});

Deno.test("sourceKey does not take one file's end for another's beginning", async () => {
  assertNotEquals(
    await sourceKey([["a", "xy"], ["b", "z"]]),
    await sourceKey([["a", "x"], ["b", "yz"]]),
  );
});

Deno.test("readSources leaves out what a build left, and takes a folder that is not there for empty", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["a.c", "Kbuild", "a.o"]) {
      await Deno.writeTextFile(`${folder}/${name}`, name);
    }
    const files = await readSources(folder, (name) => !name.endsWith(".o"));
    assertEquals(files.map(([name]) => name), ["Kbuild", "a.c"]);
    assertEquals(await readSources(`${folder}/none`), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
