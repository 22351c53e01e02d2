/**
 * Feeds every reader of outside files damaged ones:
 *
 *     deno run -A bench/outside/fuzz.ts [INPUTS] [SEED] [READER]
 *
 * Whatever is in a file, a reader may refuse it with one of the errors that are told in a line, and do nothing else:
 * throw nothing else, change no object's prototype, write nothing beside what it was given. The same seed gives the
 * same files. (`core/wire/fuzz.ts` does it to the decoders of streams.)
 *
 * @module
 */
import { GIVEN_WRONG } from "../given_wrong.ts";
import { createRandom } from "../random.ts";
import { damaged } from "./damage.ts";
import { lineText } from "./line_text.ts";
import { type Reader, READERS } from "./testdata/readers.ts";

/** What a run of the fuzzer met, for one reader. */
export interface FuzzResult {
  readonly reader: string;
  /** Inputs that could still be read. */
  accepted: number;
  /** Inputs that were refused. */
  refused: number;
}

/** Where the original is kept, and what is damaged. */
interface Seed {
  readonly folder: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Plays so many damaged inputs, in turn to each reader.
 *
 * @throws {Error} that says with which seed a reader did what it may not
 */
export async function fuzzReaders(
  inputs: number,
  seed: number,
  only?: string,
): Promise<FuzzResult[]> {
  const readers = READERS.filter(({ name }) => only === undefined || name === only);
  const results: FuzzResult[] = [];
  for (const reader of readers) {
    const folder = await Deno.makeTempDir({ prefix: "vfio-migbench-fuzz-" });
    try {
      const seedFiles = await makeSeed(reader, folder);
      const result = { reader: reader.name, accepted: 0, refused: 0 };
      // A reader that is slow gets fewer.
      const count = Math.ceil(inputs / readers.length / (reader.cost ?? 1));
      for (let i = 0; i < count; i++) {
        await playOne(reader, seedFiles, seed + i, result);
      }
      results.push(result);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  return results;
}

async function makeSeed(reader: Reader, folder: string): Promise<Seed> {
  await reader.make(folder);
  const files = new Map<string, Uint8Array>();
  for await (const path of filesIn(folder)) files.set(path, await Deno.readFile(path));
  // What is not damaged is read: else nothing would be learnt.
  await reader.read(folder);
  await restore({ folder, files });
  return { folder, files };
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function restore({ folder, files }: Seed): Promise<void> {
  for await (const path of filesIn(folder)) if (!files.has(path)) await Deno.remove(path);
  for (const [path, bytes] of files) await Deno.writeFile(path, bytes);
}

async function playOne(reader: Reader, seed: Seed, n: number, result: FuzzResult): Promise<void> {
  const random = createRandom(n);
  const paths = [...seed.files.keys()];
  const path = paths[Math.floor(random() * paths.length)] ?? "";
  let bytes = seed.files.get(path) ?? new Uint8Array();
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--) bytes = damaged(bytes, random);
  await Deno.writeFile(path, bytes);
  const where = `${reader.name}, seed ${n}, ${path.slice(seed.folder.length + 1)}`;
  try {
    await reader.read(seed.folder);
    result.accepted++;
  } catch (error) {
    refuseUnexpected(error, where);
    result.refused++;
  }
  const common = Object.keys(Object.prototype);
  if (common.length > 0) throw new Error(`${where}: every object has ${common}`);
  await restore(seed);
}

function refuseUnexpected(error: unknown, where: string): void {
  if (!(error instanceof Error) || !GIVEN_WRONG.has(error.name)) {
    throw new Error(`${where}: ${error instanceof Error ? error.stack : error}`, { cause: error });
  }
  const line = lineText(error.message);
  if (line === "" || line.includes("\n")) throw new Error(`${where}: it is told as "${line}"`);
}

if (import.meta.main) {
  const [inputs = "3000", seed = "1", only] = Deno.args;
  console.log(await fuzzReaders(Number(inputs), Number(seed), only));
}
