/**
 * What is made of measurements: histograms of durations, summaries of trials, the accuracy of estimates.
 * @module
 */
export {
  createRecorder,
  type DurationHistogram,
  type DurationSummary,
  encodeHistogram,
  mergeHistograms,
  recordNs,
  summarizeUs,
} from "./histogram.ts";
export { medianInterval } from "./median_interval.ts";
export { quantile } from "./quantile.ts";
export { summarize, type Summary } from "./summarize.ts";
