/**
 * What is made of measurements: histograms of durations, summaries of trials, the accuracy of estimates, and
 * the statistics of comparisons.
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
  type CountedSlot,
  countedSlots,
  countNs,
  createCounts,
  type DurationCounts,
} from "./duration_counts.ts";
export {
  createRecorder,
  decodeHistogram,
  type DurationHistogram,
  type DurationSummary,
  encodeHistogram,
  histogramOfCounts,
  mergeHistograms,
  recordNs,
  summarizeUs,
} from "./histogram.ts";
export { encodedPercentileNs } from "./encoded_percentile.ts";
export { mad, markOutliers, relativeNoise } from "./mad.ts";
export { type MedianInterval, medianInterval } from "./median_interval.ts";
export { FEWEST_FOR_INTERVAL, precisionOf, valuesForPrecision } from "./precision.ts";
export { quantile } from "./quantile.ts";
export { summarize, type Summary } from "./summarize.ts";

export {
  type BootstrapOptions,
  bootstrapPairedRatio,
  bootstrapRatio,
  type RatioInterval,
} from "./bootstrap_ratio.ts";
export {
  cliffsDelta,
  cliffsDeltaWithinPairs,
  type EffectWord,
  effectWord,
} from "./cliffs_delta.ts";
export { compareMetric, type CompareOptions, type MetricComparison } from "./compare_metric.ts";
export { type ExactVerdict, judgeExact } from "./exact_verdict.ts";
export { holm } from "./holm.ts";
export { type MannWhitney, mannWhitney } from "./mann_whitney.ts";
export { fewestTrials, neededTrials, type Undecided } from "./needed_trials.ts";
export { relativeRise, STEADY_RULE, steadyFrom, type SteadyRule } from "./steady_state.ts";
export { type ShareInterval, shareInterval } from "./share_interval.ts";
export { detectSteps, type LevelChange, STEP_OPTIONS } from "./step_detection.ts";
export { type SplitOptions } from "./best_split.ts";
export { type Line, theilSen } from "./theil_sen.ts";
export { judge, type Verdict, type VerdictOptions, type VerdictWord } from "./verdict.ts";
export { type SignedRank, wilcoxonSignedRank } from "./wilcoxon_signed_rank.ts";
