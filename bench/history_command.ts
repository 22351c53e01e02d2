import { DEFAULT_METRICS } from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { historyOf, historyText, readHistory } from "./history/mod.ts";
import { lineText } from "./outside/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";

const HELP = `deno task history [RUN|DIR...] [FLAGS]

Follows what runs measured over time, and says where it changed: all at once (step) or little by little (drift). A DIR has
run folders in it; without any it is results/. Points of a series are medians of runs with the same case, and on the wall
clock of the same machine. The page has it as a chart: deno task report RUN --history DIR.

  --metric NAME   instead of ${DEFAULT_METRICS.join(", ")};
                  may be given again, any that deno task compare takes
  --json          one JSON document on stdout instead of the text

Exit: 0 fine, 2 usage error, or a folder that cannot be read, 3 there are no two runs with a case in common.`;

/** `deno task history`. */
export async function historyCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, { lists: ["metric"], switches: ["json"] });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const given = flags.list("metric");
  const metrics = given.length > 0 ? [...new Set(given)] : DEFAULT_METRICS;
  const folders = flags.operands.length > 0 ? flags.operands : [RESULTS_DIR];
  const { runs, warnings } = await readHistory(folders, metrics, RESULTS_DIR);
  for (const line of warnings) console.error(lineText(line));
  const history = historyOf(runs, metrics);
  console.log(flags.has("json") ? JSON.stringify(history) : historyText(history));
  return history.series.length === 0 ? EXIT.INCONCLUSIVE : EXIT.FINE;
}
