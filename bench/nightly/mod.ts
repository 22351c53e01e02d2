/**
 * What a night came to, as a document and for the page of a CI.
 * @module
 */
export {
  againstHistory,
  type AgainstHistoryOptions,
  findingText,
  type HistoryFinding,
} from "./against_history.ts";
export { exitOfNight } from "./exit_of_night.ts";
export { type NightlyDocument, NightlySchema } from "./nightly_document.ts";
export { nightlyMarkdown } from "./nightly_markdown.ts";
