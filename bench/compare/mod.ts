/**
 * Baseline against candidate: which cases are the same question, what their metrics say of each other, and how
 * that is shown and handed on.
 * @module
 */
export {
  type CompareArguments,
  DEFAULT_TOLERANCE,
  parseCompareArguments,
  toleranceOf,
} from "./compare_arguments.ts";
export { caseText, plainText } from "../report/case_text.ts";
export { comparability } from "./comparability.ts";
export {
  compareRuns,
  type CompareRunsOptions,
  compareWithin,
  type NamedRun,
} from "./compare_runs.ts";
export { confirm, type ConfirmOptions, planRerun, type Rerun } from "./confirm.ts";
export { type ComparedRun, type Comparison, exitOfComparison } from "./comparison.ts";
export { type ComparisonRow, type Side } from "./comparison_row.ts";
export { ComparisonSchema } from "./comparison_schema.ts";
export { renderComparison } from "./comparison_table.ts";
export {
  BencherSchema,
  EXPORT_FORMATS,
  type ExportFile,
  exportFiles,
  type ExportFormat,
  GithubActionBenchmarkSchema,
} from "./export_trackers.ts";
export { findRun } from "./find_run.ts";
export { codeCell } from "./escape_markdown.ts";
export { renderMarkdown } from "./markdown.ts";
export { canonicalJson } from "../report/canonical_json.ts";
export {
  type Better,
  betterOf,
  CALL_METRICS,
  DEFAULT_METRICS,
  metricNames,
  metricOf,
  metricText,
} from "./metric.ts";
