/**
 * A night against what the history says was lost.
 *
 * Of a hundred histories of noise about one has a step, and a night has some hundred series: each of them would be an
 * alarm. So a loss counts only where this night's trials, held against those of the last run that had the level, have
 * regressed by the rule that every comparison goes by.
 *
 * @module
 */
import {
  caseText,
  compareRuns,
  type Comparison,
  type ComparisonRow,
  type ConfirmOptions,
  type NamedRun,
} from "../compare/mod.ts";
import { lossText, type StandingLoss } from "../history/mod.ts";
import type { VerdictWord } from "../measure/mod.ts";
import { RunError } from "../store/mod.ts";

/** A level that was lost, and what this night says of it. */
export interface HistoryFinding {
  readonly case: string;
  readonly metric: string;
  /** The levels of the history, and now over then; null where that was 0. */
  readonly before: number;
  readonly after: number;
  readonly ratio: number | null;
  /** The loss in words. */
  readonly text: string;
  /** The run that this night was held against: the last one with the level, or the baseline. */
  readonly held_against: string;
  /** Of this night against that run; only `regressed` counts. Null where it could not be held against it. */
  readonly verdict: VerdictWord | null;
  /** This night over that run; null where it was not measured, or only that run's is 0. */
  readonly measured_ratio: number | null;
}

/** What a night is held against its history with. */
export interface AgainstHistoryOptions {
  /** How many machines the history has, for its texts. */
  readonly machines: number;
  readonly tolerance: number;
  /** What the baseline said of the night: what regressed there needs no second opinion. */
  readonly comparison: Comparison | null;
  /** Reads a run by the name that the history has for it. @throws {RunError} where it cannot be read */
  readonly readRun: (run: string) => Promise<NamedRun>;
  /** Plays again what regressed; a string says why it cannot be. */
  readonly confirm: (first: Comparison, options: ConfirmOptions) => Promise<Comparison | string>;
}

/** What each of the losses comes to, in their order. */
export async function againstHistory(
  losses: readonly StandingLoss[],
  night: NamedRun,
  options: AgainstHistoryOptions,
): Promise<HistoryFinding[]> {
  const { comparison, machines } = options;
  const findings = new Map<StandingLoss, HistoryFinding>();
  const open: StandingLoss[] = [];
  for (const loss of losses) {
    const row = comparison === null ? undefined : rowOf(comparison.rows, loss);
    if (row?.verdict === "regressed") {
      findings.set(loss, findingOf(loss, machines, comparison?.base.run ?? "", row));
    } else {
      open.push(loss);
    }
  }
  for (const [since, ofRun] of Map.groupBy(open, (loss) => loss.since)) {
    const rows = await rowsAgainst(since, ofRun, night, options);
    for (const loss of ofRun) {
      findings.set(loss, findingOf(loss, machines, since, rowOf(rows, loss)));
    }
  }
  return losses.flatMap((loss) => findings.get(loss) ?? []);
}

/** The night's cases of the losses against those of a run; no rows where nothing can be said. */
async function rowsAgainst(
  run: string,
  losses: readonly StandingLoss[],
  night: NamedRun,
  { tolerance, readRun, confirm }: AgainstHistoryOptions,
): Promise<readonly ComparisonRow[]> {
  const names = new Set(losses.map(({ series }) => series.case));
  const cases = night.meta.cases.filter((one) => names.has(caseText(one)));
  const candidate = { ...night, meta: { ...night.meta, cases } };
  let base: NamedRun;
  try {
    base = await readRun(run);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return []; // Of before, and gone or damaged by now: the history still tells of it.
  }
  const metrics = [...new Set(losses.map(({ series }) => series.metric))];
  const rule = { metrics, tolerance, anyway: false };
  const first = compareRuns(base, candidate, rule);
  if (typeof first === "string") return [];
  const confirmed = await confirm(first, { base, candidate, ...rule });
  return typeof confirmed === "string" ? first.rows : confirmed.rows;
}

/** Of several of one name, the one that regressed. */
function rowOf(
  rows: readonly ComparisonRow[],
  { series }: StandingLoss,
): ComparisonRow | undefined {
  const own = rows.filter((row) => row.case === series.case && row.metric === series.metric);
  return own.find(({ verdict }) => verdict === "regressed") ?? own[0];
}

function findingOf(
  loss: StandingLoss,
  machines: number,
  held_against: string,
  row: ComparisonRow | undefined,
): HistoryFinding {
  const { series, before, after, ratio } = loss;
  return {
    case: series.case,
    metric: series.metric,
    before,
    after,
    ratio,
    text: lossText(loss, machines),
    held_against,
    verdict: row?.verdict ?? null,
    measured_ratio: row?.ratio ?? null,
  };
}

/** `regressed (x1.21)`: what this night says of a loss. */
export function findingText({ verdict, measured_ratio, held_against }: HistoryFinding): string {
  if (verdict === null) return `cannot be held against ${held_against}`;
  const ratio = measured_ratio === null ? "" : ` (x${Number(measured_ratio.toPrecision(4))})`;
  return `${verdict} against ${held_against}${ratio}`;
}
