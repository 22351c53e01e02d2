/** Where the compiled twin is, or in one line why there is none. */
export type Twin = { readonly path: string } | { readonly unavailable: string };

const SOURCE = new URL("./twin.c", import.meta.url);
const CACHE = new URL("../../.cache/", import.meta.url);
const FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-pthread"];

/** Compiles the C twin with `cc`, unless this source has been compiled before. */
export async function buildTwin(): Promise<Twin> {
  const source = await Deno.readFile(SOURCE);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", source));
  const path = pathOf(new URL(`twin-${digest.toHex().slice(0, 16)}`, CACHE));
  if (await exists(path)) return { path };
  await Deno.mkdir(CACHE, { recursive: true });
  // Under a name of its own until it is whole: another process may be building it too.
  const partial = `${path}.${Deno.pid}`;
  try {
    const { success, stderr } = await new Deno.Command("cc", {
      args: [...FLAGS, pathOf(SOURCE), "-o", partial],
      stderr: "piped",
    }).output();
    if (!success) {
      return { unavailable: `Cannot build the C twin: cc says ${firstLine(stderr)}` };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { unavailable: "Cannot build the C twin: there is no cc on this machine" };
  }
  await Deno.rename(partial, path);
  return { path };
}

/** What a transfer of the twin took. */
export interface TwinTransfer {
  readonly buffer_size: number;
  readonly slots: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly bytes_per_s: number;
}

/** Runs the twin once. */
export async function runTwin(
  path: string,
  options: {
    readonly bufferSize: number;
    readonly slots: number;
    readonly bytes: number;
    readonly verify?: boolean;
  },
): Promise<TwinTransfer> {
  const { bufferSize, slots, bytes, verify } = options;
  const args = ["--buffer-size", bufferSize, "--slots", slots, "--bytes", bytes].map(String);
  const { success, stdout, stderr } = await new Deno.Command(path, {
    args: verify ? [...args, "--verify"] : args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot run the C twin: ${firstLine(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
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
