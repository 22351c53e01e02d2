import { EXIT } from "./exit_code.ts";
import { expectsFailure, renderTable, type ResultDocument, resultDocument } from "./report/mod.ts";
import { stdoutShape } from "./stdout_shape.ts";
import { readableRun, readRun, type RunMeta } from "./store/mod.ts";

/** How a result is told. */
export interface TellOptions {
  /** One document instead of the table. */
  readonly json: boolean;
  /** Nothing of what could be done next. */
  readonly quiet: boolean;
}

/** Prints what a run measured, and says with which code to exit. */
export async function tellResult(folder: string, { json, quiet }: TellOptions): Promise<number> {
  const { meta, trials } = await readRun(folder);
  const result = readableRun(folder, () => resultDocument(meta, trials));
  if (json) {
    console.log(JSON.stringify(result));
  } else {
    console.log(renderTable(result, stdoutShape(PIPED_WIDTH)));
    console.log(folder);
    if (!quiet) console.error(nextStep(folder, meta));
  }
  return exitOfResult(result);
}

function nextStep(folder: string, { complete, shard }: RunMeta): string {
  if (!complete) return `To go on with it: deno task bench --resume ${folder}`;
  if (shard !== undefined) return `One run of all ${shard.count} parts: deno task merge RUN...`;
  return `A page of it: deno task report ${folder}`;
}

/** A trial that was expected to fail, and failed for the reason that was expected, is no failure. */
export function exitOfResult({ cases, expectations }: ResultDocument): number {
  if (expectations.some((one) => !one.met)) return EXIT.REGRESSED;
  const failed = cases.some((one) => one.failed > 0 && !expectsFailure(expectations, one));
  return failed ? EXIT.TRIAL_FAILED : EXIT.FINE;
}

const PIPED_WIDTH = 160;
