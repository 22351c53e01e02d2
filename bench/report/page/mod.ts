/**
 * The HTML page of a run, or of two: its data, its markup, and what runs in the browser.
 * @module
 */
export { type Bundle, bundle } from "./bundle.ts";
export { type PageExtras, renderPage } from "./page.ts";
export { type PageCase, type PageRun, readPageRun } from "./page_run.ts";
