import { findRun } from "./compare/find_run.ts";
import { EXIT } from "./exit_code.ts";
import { lineText } from "./outside/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";
import { mergeRuns } from "./store/mod.ts";
import { tellResult } from "./tell_result.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task merge RUN... [--out DIR] [--json] [--anyway]

Makes one run of the parts that deno task bench --shard 1/N to N/N played, and says what it measured, as bench does:
histograms are added up, and what the scenarios are expected to say is held against the whole.

  --out DIR   the run folder; a new one in results/ otherwise
  --json      one JSON document on stdout instead of the table
  --anyway    also where a part is missing or not complete, or the parts are of different machines

Exit: 0 fine, 1 an expectation of a scenario failed, 2 they are not the parts of one run, 4 a trial failed.`;

/** `deno task merge`. */
export async function mergeCommand(args: string[]): Promise<number> {
  const flags = parseFlags(args, { texts: ["out"], switches: ["anyway", "json"] });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  if (flags.operands.length === 0) {
    throw new UsageError("Cannot merge no runs: name the folders of the parts");
  }
  const parts = await Promise.all(flags.operands.map((name) => findRun(name, RESULTS_DIR)));
  const { path, warnings } = await mergeRuns({
    parts,
    root: RESULTS_DIR,
    out: flags.text("out"),
    anyway: flags.has("anyway"),
  });
  for (const line of warnings) console.error(lineText(line));
  return await tellResult(path, { json: flags.has("json"), quiet: false });
}
