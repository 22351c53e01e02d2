import { refuseIrregular } from "../outside/mod.ts";
import { ImportError } from "./import_error.ts";
import type { LogSummary } from "./imported.ts";
import { LineScanner, type TakeEvent } from "./line_scanner.ts";

const PIECE_BYTES = 128 * 1024;

/** What there is to say of a log that was read. */
export interface ReadLog extends LogSummary {
  /** Whether its last line had an end. */
  readonly isWhole: boolean;
}

/**
 * Reads a log of QEMU's trace backend, as it is or with gzip, and gives every event of interest to `take`, in
 * the order of the log. Memory does not grow with the log.
 *
 * @throws {ImportError} in one line: for what cannot be read, is cut off, or has no event in it
 */
export async function readTrace(path: string, take: TakeEvent): Promise<ReadLog> {
  const scanner = new LineScanner(take);
  try {
    await refuseIrregular(path);
    using file = await Deno.open(path);
    if (await isGzip(file)) await scanGzip(file, scanner);
    else scanPlain(file, scanner);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`Cannot import ${path}: ${reasonOf(error)}`);
  }
  scanner.end();
  const { lines, events, used, unreadable, isWhole } = scanner;
  if (events === 0) {
    const what = lines === 0 ? "it is empty" : "no line of it is an event of QEMU's trace log";
    throw new ImportError(
      `Cannot import ${path}: ${what}; QEMU writes one with -D FILE -trace 'vfio_*' -trace 'migrat*' -trace 'savevm_*' and more`,
    );
  }
  return { name: path.replace(/^.*[/\\]/, ""), lines, used, unreadable, isWhole };
}

async function isGzip(file: Deno.FsFile): Promise<boolean> {
  const magic = new Uint8Array(2);
  const n = await file.read(magic);
  await file.seek(0, Deno.SeekMode.Start);
  return n === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

function scanPlain(file: Deno.FsFile, scanner: LineScanner): void {
  const piece = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const n = file.readSync(piece);
    if (n === null) return;
    scanner.push(piece.subarray(0, n));
  }
}

async function scanGzip(file: Deno.FsFile, scanner: LineScanner): Promise<void> {
  for await (const piece of file.readable.pipeThrough(new DecompressionStream("gzip"))) {
    scanner.push(piece);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory || isDirectory(error)) return "it is a folder";
  if (error instanceof TypeError) return `its gzip data is cut off or damaged (${error.message})`;
  return error instanceof Error ? error.message : String(error);
}

function isDirectory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EISDIR";
}
