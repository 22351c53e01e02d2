import { DEFAULT_BASELINE, readBaseline, setBaseline } from "./baseline/mod.ts";
import { findRun } from "./compare/mod.ts";
import { EXIT } from "./exit_code.ts";
import { lineText } from "./outside/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { RESULTS_DIR } from "./paths.ts";
import { readRun, type StoredRun } from "./store/mod.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task baseline set RUN [--name NAME] [--anyway]
deno task baseline show [--name NAME] [--json]

Sets the run that deno task nightly, and "deno task compare baseline RUN", hold others against. The run is copied
to results/baselines/, so it may be deleted.

  --name NAME   one of several baselines, for other machines or branches (${DEFAULT_BASELINE})
  --anyway      also a run that is not complete
  --json        one JSON document on stdout instead of the text

Exit: 0 fine, 2 usage error, or a run that cannot be read, 3 show: there is no baseline.`;

/** `deno task baseline`. */
export async function baselineCommand(
  args: readonly string[],
  resultsDir: string = RESULTS_DIR,
): Promise<number> {
  const flags = parseFlags(args, { texts: ["name"], switches: ["anyway", "json"] });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [verb, ...runs] = flags.operands;
  const name = flags.text("name") ?? DEFAULT_BASELINE;
  if (verb === "set") {
    const [run] = runs;
    if (run === undefined || runs.length > 1) {
      throw new UsageError(`Cannot set ${runs.length} runs as the baseline: expected one RUN`);
    }
    const { baseline, stored } = await setBaseline(resultsDir, await findRun(run, resultsDir), {
      name,
      anyway: flags.has("anyway"),
    });
    console.log(lineText(`The baseline ${name} is ${baseline.run}: ${contentText(stored)}.`));
    console.log(baseline.folder);
    return EXIT.FINE;
  }
  if (verb !== "show" || runs.length > 0) {
    throw new UsageError(
      `Cannot take "${flags.operands.join(" ")}": expected "set RUN" or "show", see --help`,
    );
  }
  const baseline = await readBaseline(resultsDir, name);
  if (baseline === null) {
    console.error(`There is no baseline ${name}: set one with deno task baseline set RUN`);
    return EXIT.INCONCLUSIVE;
  }
  const stored = await readRun(baseline.folder);
  if (flags.has("json")) {
    const { started_at, complete, environment } = stored.meta;
    console.log(JSON.stringify({ ...baseline, started_at, complete, environment }));
  } else {
    const line = `${name}: ${baseline.run}, of ${stored.meta.started_at}, set ${baseline.set_at}: ${
      contentText(stored)
    }.`;
    console.log(lineText(line));
    console.log(baseline.folder);
  }
  return EXIT.FINE;
}

function contentText({ meta, trials }: StoredRun): string {
  const failed = trials.filter(({ outcome }) => outcome !== "completed").length;
  const cases = `${meta.cases.length} cases, ${trials.length} trials`;
  return failed === 0 ? cases : `${cases}, ${failed} of which failed`;
}
