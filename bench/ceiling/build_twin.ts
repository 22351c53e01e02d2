/** Where the compiled twins are, or in one line why there are none. */
export type Twin = { readonly path: string } | { readonly unavailable: string };

const SOURCES = new URL("./twin/", import.meta.url);
const CACHE = new URL("../../.cache/", import.meta.url);
const FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread"];

/** Compiles the C twins with `cc`, unless these sources have been compiled before. */
export async function buildTwin(): Promise<Twin> {
  const sources = await sourceFiles();
  const path = pathOf(new URL(`twin-${await digestOf(sources)}`, CACHE));
  if (await exists(path)) return { path };
  await Deno.mkdir(CACHE, { recursive: true });
  // Under a name of its own until it is whole: another process may be building it too.
  const partial = `${path}.${Deno.pid}`;
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: [...FLAGS, ...sources.filter((file) => file.endsWith(".c")), "-o", partial],
      stderr: "piped",
    }).output();
    if (!success) {
      return { unavailable: `the C compiler says ${firstLine(stderr)}` };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { unavailable: "no C compiler (there is no cc on this machine)" };
  }
  await Deno.rename(partial, path);
  return { path };
}

async function sourceFiles(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(SOURCES)) names.push(name);
  return names.sort().map((name) => pathOf(new URL(name, SOURCES)));
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  const bytes = new TextEncoder().encode([...FLAGS, ...texts].join("\0"));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

function firstLine(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim().split("\n")[0] ?? "";
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
