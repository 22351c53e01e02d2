/**
 * Files that a user did not make: scenarios, profiles, runs, logs. Nothing in them is trusted. What reads them is
 * bounded in memory and time, whatever they are, and what is written beside them goes through no link.
 * @module
 */
export { JSON_DEPTH, parseBoundedJson, refuseDepth } from "./bounded_json.ts";
export { lineText } from "./line_text.ts";
export { readBoundedText, refuseIrregular, refuseSize } from "./bounded_text.ts";
export { removeName, replaceFileText } from "./replace_file.ts";
