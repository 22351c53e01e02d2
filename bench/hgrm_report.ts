import { EXIT } from "./exit_code.ts";
import { exportHgrm } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

/** `deno task report RUN --hgrm DIR`. Prints the files' paths. */
export async function hgrmReport(
  runs: readonly string[],
  folder: unknown,
  out: unknown,
): Promise<number> {
  const [run = ""] = runs;
  if (runs.length !== 1 || run === "") {
    throw new UsageError(`Cannot write percentiles of ${runs.length} runs: name one`);
  }
  if (typeof folder !== "string" || folder === "") {
    throw new UsageError("Cannot take --hgrm: it needs a folder");
  }
  if (out !== undefined) {
    throw new UsageError("Cannot take --out beside --hgrm: the files are named after their cases");
  }
  for (const path of await exportHgrm(run, folder)) console.log(path);
  return EXIT.FINE;
}
