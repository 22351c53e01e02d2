/**
 * Profiles out of logs: what the devices of an imported migration were like, and a scenario that plays it again.
 * @module
 */
export { type MeasuredScenario, measureScenario } from "./measure_scenario.ts";
export type { PlayedMetric } from "./fit_scenario.ts";
export { missedMetrics, PROMISED_ERROR } from "./promise.ts";
export { profileLines, type ProfileSummary } from "./profile_lines.ts";
export { writeProfile, type WrittenProfile } from "./write_profile.ts";
