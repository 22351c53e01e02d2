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
export { changeText, historyText, lossText, seriesText, sparkline } from "./history_text.ts";
export { type StandingLoss, standingLosses, type StandingOptions } from "./standing.ts";
