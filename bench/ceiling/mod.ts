/**
 * How close the harness comes to what this machine can do: the harness beside programs that move the same bytes another
 * way, in turn.
 * @module
 */
export { ceilingCases, type CeilingPlan } from "./ceiling_cases.ts";
export { type CeilingDocument, ceilingDocument } from "./ceiling_document.ts";
export { readRivalTrials, type RivalTrials } from "./ceiling_file.ts";
export { type CeilingRow, ceilingRows } from "./ceiling_rows.ts";
export { ratioText, renderCeiling } from "./ceiling_table.ts";
export { type Channel, CHANNELS, RIVAL_NAMES, type RivalName } from "./point.ts";
export { findRivals } from "./rivals.ts";
export { runCeiling } from "./run_ceiling.ts";
