import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../usage_error.ts";
import { cached, cacheFolder } from "./cache.ts";

async function inTempDir(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("cached makes a folder once", () =>
  inTempDir(async (cache) => {
    let times = 0;
    const make = async (folder: string) => {
      times++;
      await Deno.writeTextFile(`${folder}/a`, "made");
    };
    const folder = await cached(cache, "key", make);
    assertEquals(await cached(cache, "key", make), folder);
    assertEquals([times, await Deno.readTextFile(`${folder}/a`)], [1, "made"]);
  }));

Deno.test("cached does not believe a folder that was left half made", () =>
  inTempDir(async (cache) => {
    const interrupted = async (folder: string) => {
      await Deno.writeTextFile(`${folder}/half`, "");
      throw new Error("interrupted");
    };
    await assertRejects(() => cached(cache, "key", interrupted), Error, "interrupted");
    const folder = await cached(cache, "key", (folder) => Deno.writeTextFile(`${folder}/a`, ""));
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(names.sort(), ["a", "whole"]);
  }));

Deno.test("two that want the same folder at once make it once", () =>
  inTempDir(async (cache) => {
    let inside = 0, most = 0, times = 0;
    const make = async () => {
      times++;
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => cached(cache, "key", make)));
    assertEquals([times, most], [1, 1]);
  }));

Deno.test("cached says in one line where there can be no cache", () =>
  inTempDir(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await assertRejects(
      () => cached(`${folder}/file`, "key", () => Promise.resolve()),
      UsageError,
      `Cannot keep the guest in ${folder}/file: `,
    );
  }));

Deno.test("cacheFolder: as given, by the variable, where the user's caches are", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  const all = { MIGBENCH_VM_CACHE: "/m", XDG_CACHE_HOME: "/x", HOME: "/h" };
  assertEquals(cacheFolder("g", env(all)), "g");
  assertEquals(cacheFolder(undefined, env(all)), "/m");
  assertEquals(cacheFolder(undefined, env({ ...all, MIGBENCH_VM_CACHE: "" })), "/x/vfio-migbench");
  assertEquals(
    cacheFolder(undefined, env({ XDG_CACHE_HOME: "relative", HOME: "/h" })),
    "/h/.cache/vfio-migbench",
  );
  assertEquals(cacheFolder(undefined, env({})), undefined);
});
