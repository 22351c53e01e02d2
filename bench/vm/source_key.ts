/**
 * A short name for what is built from these files: other content or other names, another key.
 *
 * @param files Pairs of name and content, in any order
 */
export async function sourceKey(
  files: readonly (readonly [name: string, content: Uint8Array | string])[],
): Promise<string> {
  const encoder = new TextEncoder();
  const digests: string[] = [];
  for (const [name, content] of files) {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    digests.push(`${await sha256(bytes)} ${name}`);
  }
  return (await sha256(encoder.encode(digests.sort().join("\n")))).slice(0, 16);
}

/** The files of a folder, without those that a build leaves there; none where there is no such folder. */
export async function readSources(
  folder: string,
  isSource: (name: string) => boolean = () => true,
): Promise<[name: string, content: Uint8Array<ArrayBuffer>][]> {
  const files: [string, Uint8Array<ArrayBuffer>][] = [];
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (isFile && isSource(name)) files.push([name, await Deno.readFile(`${folder}/${name}`)]);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files.sort(([a], [b]) => (a < b ? -1 : 1));
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}
