import type { StoredRun } from "../store/mod.ts";
import { isGood } from "../trial/is_good.ts";
import type { NotCompared, RivalTrials } from "./ceiling_file.ts";
import { type CeilingRow, ceilingRows } from "./ceiling_rows.ts";

/** What `deno task bench ceiling --json` prints. */
export interface CeilingDocument {
  readonly schema: "vfio-migbench/ceiling@1";
  /** The run folder. */
  readonly run: string;
  /** false where it was interrupted: what is here is true, but not all that was asked for. */
  readonly complete: boolean;
  readonly environment: unknown;
  readonly ceiling: readonly CeilingRow[];
  readonly not_compared: readonly NotCompared[];
  /** The harness's trials that failed, and why; they make no pair. */
  readonly failed: readonly { readonly case: string; readonly message: string }[];
  readonly warnings: readonly string[];
}

/** The document of a run: a function of its folder alone. */
export function ceilingDocument(
  run: string,
  { meta, trials }: StoredRun,
  rivals: RivalTrials,
): CeilingDocument {
  return {
    schema: "vfio-migbench/ceiling@1",
    run,
    complete: meta.complete,
    environment: meta.environment,
    ceiling: ceilingRows(meta.cases, trials, rivals.trials),
    not_compared: rivals.notCompared,
    failed: trials.filter((one) => !isGood(one)).map(({ case: index, error }) => ({
      case: meta.cases.find((one) => one.index === index)?.label ?? "",
      message: error?.message ?? "The destination's state is not the source's",
    })),
    warnings: meta.warnings ?? [],
  };
}
