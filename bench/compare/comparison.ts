import type { VerdictWord } from "../measure/mod.ts";
import { EXIT } from "../exit_code.ts";
import type { BufferSizeAdvice } from "../report/buffer_size_advice.ts";
import type { ComparisonRow } from "./comparison_row.ts";
import type { Unmatched } from "./match_cases.ts";

/** What a comparison says, as `--json` gives it and the tables show it. Made of run folders alone. */
export interface Comparison {
  readonly schema: "vfio-migbench/comparison@1";
  /** The runs as they were named; the same one twice for a comparison inside a run. */
  readonly base: ComparedRun;
  readonly candidate: ComparedRun;
  /** The key along which cases of one run are compared; null for two runs. */
  readonly by: string | null;
  /** The run in which what regressed was played again; null where nothing was. */
  readonly confirmed_by: string | null;
  /** What was asked for, as a fraction. */
  readonly tolerance: number;
  readonly rows: readonly ComparisonRow[];
  readonly verdicts: Readonly<Record<VerdictWord, number>>;
  /** Cases that nothing is held against. */
  readonly unmatched: readonly Unmatched[];
  /** For a comparison by `buffer_size`: which one to take. Else empty. */
  readonly buffer_size_advice: readonly BufferSizeAdvice[];
  readonly warnings: readonly string[];
}

/** A run of a comparison. */
export interface ComparedRun {
  readonly run: string;
  readonly name: string;
  readonly started_at: string;
  /** false where it was interrupted. */
  readonly complete: boolean;
}

/** How many rows have which verdict. */
export function countVerdicts(rows: readonly ComparisonRow[]): Record<VerdictWord, number> {
  const counts = { improved: 0, regressed: 0, same: 0, inconclusive: 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}

/** 1 where a metric regressed; 3 where nothing was compared, or no row is conclusive; else 0. */
export function exitOfComparison({ rows, verdicts }: Comparison): number {
  if (verdicts.regressed > 0) return EXIT.REGRESSED;
  return verdicts.inconclusive === rows.length ? EXIT.INCONCLUSIVE : EXIT.FINE;
}
