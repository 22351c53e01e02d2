import { EXIT } from "./exit_code.ts";
import { entryLine, HEADING, type Inspected, inspectFile, totalLines } from "./inspect/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task inspect FILE [--json]

Lists the sections and VFIO records of a migration stream: one that QEMU saved (migrate file:PATH, or
exec:cat > PATH) or one of ours (bench --channel file --keep-streams DIR). Sections that are alike and follow each other are
one line with a count.

  --json   one JSON document on stdout instead of the list

Exit: 0 fine, 2 the file cannot be read, or is no complete stream (what could be read is listed).`;

const SCHEMA = "vfio-migbench/stream@1";

/**
 * `deno task inspect`: what is in a saved migration stream.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments, or the file, cannot be taken
 */
export async function inspectCommand(args: readonly string[]): Promise<number> {
  const given = parseFlags(args, { switches: ["json"] });
  if (given.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [path, ...more] = given.operands;
  if (path === undefined || path === "" || more.length > 0) {
    throw new UsageError(`Cannot inspect ${given.operands.length} files: expected the path of one`);
  }
  const write = given.has("json") ? writeJson : writeText;
  const { error } = await write(path);
  if (error === undefined) return EXIT.FINE;
  throw new UsageError(`Cannot inspect ${path}: ${lowerFirst(error.message)}`);
}

async function writeText(path: string): Promise<Inspected> {
  let lines = 0;
  const result = await open(path, (entry) => {
    if (lines++ === 0) console.log(HEADING);
    console.log(entryLine(entry));
  });
  if (lines > 0) {
    for (const line of totalLines(result.devices, result.totals)) {
      console.log(line);
    }
  }
  return result;
}

/** One document, though it is written piece by piece: a stream can have more sections than fit in memory. */
async function writeJson(path: string): Promise<Inspected> {
  let entries = 0;
  const result = await open(path, (entry) => {
    if (entries === 0) {
      console.log(
        `{"schema":${JSON.stringify(SCHEMA)},"file":${JSON.stringify(path)},"sections":[`,
      );
    }
    console.log(`${entries++ === 0 ? "" : ","}${JSON.stringify(entry)}`);
  });
  if (entries > 0) {
    const { devices, totals, error } = result;
    const rest = { devices, totals, complete: error === undefined, error: error?.message ?? null };
    console.log(`],${JSON.stringify(rest).slice(1)}`);
  }
  return result;
}

async function open(path: string, take: Parameters<typeof inspectFile>[1]): Promise<Inspected> {
  try {
    return await inspectFile(path, take);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(`Cannot inspect ${path}: there is no such file`);
    }
    if (error instanceof Error && "code" in error) {
      throw new UsageError(`Cannot inspect ${path}: ${error.message}`);
    }
    throw error;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
