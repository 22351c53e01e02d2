import { mergeHistograms, summarizeUs } from "../../measure/mod.ts";
import { readRun, RunError, type RunMeta, type StoredRun } from "../../store/mod.ts";
import { isGood } from "../../trial/is_good.ts";
import type { TrialRecord } from "../../trial/mod.ts";
import { type CaseResult, type ResultDocument, resultDocument } from "../mod.ts";
import { bufferSizeAdvice } from "../buffer_size_advice.ts";
import { medianTrial } from "./median_trial.ts";
import { type PercentilePoint, percentilePoints } from "./percentile_points.ts";
import { readTimelines } from "./timeline_file.ts";
import { timelineSeries } from "./timeline_series.ts";
import type { CaseTimeline } from "./timeline_shape.ts";

/** A case of a run with all that the page shows of it. */
export interface PageCase {
  readonly result: CaseResult;
  /** Of its median trial; undefined where nothing is kept of it. */
  readonly timeline: CaseTimeline | undefined;
  /** Durations by the name of their histogram, such as `read_us`. */
  readonly percentiles: Readonly<Record<string, readonly PercentilePoint[]>>;
}

/** A run as the page needs it: small, whatever the number of its trials. */
export interface PageRun {
  /** The run folder's own name. */
  readonly name: string;
  readonly meta: RunMeta;
  readonly document: ResultDocument;
  readonly cases: readonly PageCase[];
  /** Trials that were being written when the run was killed. */
  readonly torn_lines: number;
}

/** Points of all timelines together, and of each line. */
const ALL_POINTS = 60_000;
const MOST_POINTS = 600;
const LEAST_POINTS = 40;

/** Reads a run folder for the page. @throws {RunError} in one line, for what is not a run or is damaged */
export async function readPageRun(folder: string): Promise<PageRun> {
  const stored = await readRun(folder);
  const medians = medianTrials(stored);
  const wanted = new Map([...medians].map(([index, { trial }]) => [index, trial]));
  const points = Math.max(
    LEAST_POINTS,
    Math.min(MOST_POINTS, Math.floor(ALL_POINTS / Math.max(1, medians.size))),
  );
  const timelines = new Map<number, CaseTimeline>();
  for (const [index, events] of await readTimelines(folder, wanted)) {
    const trial = medians.get(index);
    if (trial !== undefined) timelines.set(index, timelineSeries(trial, events, points));
  }
  try {
    return pageRun(baseName(folder), stored, timelines);
  } catch (error) {
    // A histogram that cannot be decoded.
    if (!(error instanceof SyntaxError)) throw error;
    throw new RunError(`Cannot read the run ${folder}: ${error.message}`);
  }
}

/** The median trial of each case that has trials, by the case's index. */
export function medianTrials({ trials }: StoredRun): Map<number, TrialRecord> {
  const medians = new Map<number, TrialRecord>();
  for (const [index, ofCase] of Map.groupBy(trials, (trial) => trial.case)) {
    const median = medianTrial(ofCase);
    if (median !== undefined) medians.set(index, median);
  }
  return medians;
}

/**
 * What the page shows of a run. Pure.
 *
 * Histograms are the bulk of a large run, so they are added up here, once, and the document is made of trials
 * without them: what it says of them is put in from the same sums.
 */
export function pageRun(
  name: string,
  { meta, trials, tornLines }: StoredRun,
  timelines: ReadonlyMap<number, CaseTimeline>,
): PageRun {
  const good = trials.filter(isGood);
  const byCase = Map.groupBy(good, (trial) => trial.case);
  const bare = resultDocument(meta, trials.map((trial) => ({ ...trial, histograms: {} })));
  const cases = bare.cases.map((result, at): PageCase => {
    const index = meta.cases[at]?.index ?? at;
    const merged = mergedDurations(byCase.get(index) ?? []);
    const summaries = merged.map(([key, histogram]) => [key, summarizeUs(histogram)]);
    return {
      result: { ...result, metrics: { ...result.metrics, ...Object.fromEntries(summaries) } },
      timeline: timelines.get(index),
      percentiles: Object.fromEntries(
        merged.map(([key, histogram]) => [key, percentilePoints(histogram)]),
      ),
    };
  });
  const results = cases.map(({ result }) => result);
  const document = { ...bare, cases: results, buffer_size_advice: bufferSizeAdvice(results) };
  return { name, meta, document, cases, torn_lines: tornLines };
}

function mergedDurations(trials: readonly TrialRecord[]) {
  const names = new Set(trials.flatMap(({ histograms }) => Object.keys(histograms)));
  return [...names].flatMap((name) => {
    const encoded = trials.flatMap(({ histograms }) => {
      const one = histograms[name];
      return one === undefined ? [] : [one];
    });
    const histogram = mergeHistograms(encoded);
    return histogram === undefined ? [] : [[name, histogram] as const];
  });
}

function baseName(folder: string): string {
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  return parts.at(-1) ?? folder;
}
