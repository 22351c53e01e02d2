/**
 * What many runs measured, and where it changed.
 * @module
 */
export { readHistory } from "./find_runs.ts";
export {
  type History,
  type HistoryChange,
  historyOf,
  type HistoryPoint,
  type HistoryRun,
  historyRun,
  type HistorySeries,
} from "./history.ts";
export { HistorySchema } from "./history_schema.ts";
export { changeText, historyText, seriesText, sparkline } from "./history_text.ts";
