/**
 * What a night came to, as a document and for the page of a CI.
 * @module
 */
export { type NightlyDocument, NightlySchema } from "./nightly_document.ts";
export { nightlyMarkdown } from "./nightly_markdown.ts";
