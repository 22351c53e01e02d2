/**
 * What is made of measurements: histograms of durations, summaries of trials, the accuracy of estimates.
 * @module
 */
export {
  type ClassifiedEstimates,
  classifyEstimates,
  type EstimateSummary,
  type JoinedEstimate,
  type JoinedKind,
  joinEstimates,
  summarizeEstimates,
} from "./estimate_accuracy.ts";
export {
  createRecorder,
  decodeHistogram,
  type DurationHistogram,
  type DurationSummary,
  encodeHistogram,
  mergeHistograms,
  recordNs,
  summarizeUs,
} from "./histogram.ts";
export { type MedianInterval, medianInterval } from "./median_interval.ts";
export { quantile } from "./quantile.ts";
export { summarize, type Summary } from "./summarize.ts";
