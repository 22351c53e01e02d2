import { parseArgs } from "@std/cli/parse-args";
import { EXIT } from "./exit_code.ts";
import { hgrmReport } from "./hgrm_report.ts";
import { bundle, readPageRun, renderPage } from "./report/page/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task report RUN [RUN2] [--out FILE]
deno task report RUN --hgrm DIR

Writes the page of a run folder, or of two side by side, as one HTML file that opens from disk and
loads nothing. Prints the file's path.

  --out FILE   where to write it; report.html in the (first) run folder otherwise
  --hgrm DIR   instead of the page: the percentile distributions of the reads and writes of each case, as text that
               the stock HdrHistogram tools plot, in microseconds

Exit: 0 fine, 2 what was given cannot be read, or the file not be written.`;

const PAGE_FILE = "report.html";

/**
 * `deno task report`: the HTML page of run folders.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments cannot be taken, or the file not be written
 * @throws {RunError} If a folder is no run, or damaged
 */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const given = parseArgs(args, {
    string: ["out", "hgrm", "_"],
    boolean: ["help"],
    alias: { h: "help" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      throw new UsageError(`Cannot take ${arg}: there is no such flag. --help lists them`);
    },
  });
  if (given.help === true) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const folders = given._.map(String);
  if (given.hgrm !== undefined) return await hgrmReport(folders, given.hgrm, given.out);
  const [first = ""] = folders;
  const out = outFile(given.out, first);
  if (folders.length < 1 || folders.length > 2 || folders.includes("")) {
    throw new UsageError(
      `Cannot report on ${folders.length} runs: expected the folder of one, or of two`,
    );
  }
  const runs = [];
  for (const folder of folders) runs.push(await readPageRun(folder));
  const page = await renderPage(runs, await bundle());
  await writePage(out, page);
  console.log(out);
  return EXIT.FINE;
}

function outFile(given: unknown, folder: string): string {
  if (given === undefined) return `${folder.replace(/(?<=.)\/+$/, "")}/${PAGE_FILE}`;
  if (typeof given === "string" && given !== "") return given;
  throw new UsageError("Cannot take --out: it needs the name of one file");
}

/** The whole page or none: a reader of the old file is not given half of the new one. */
async function writePage(path: string, page: string): Promise<void> {
  const part = `${path}.tmp`;
  try {
    await Deno.writeTextFile(part, page);
    await Deno.rename(part, path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Cannot write the report to ${path}: ${error.message}`);
  }
}
