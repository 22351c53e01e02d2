/**
 * Migrations to and fro between two processes, for as long as one likes.
 * @module
 */
export { runSoak, type SoakOptions, type SoakResult } from "./run_soak.ts";
export { soakCase } from "./soak_case.ts";
export { soakText } from "./soak_text.ts";
