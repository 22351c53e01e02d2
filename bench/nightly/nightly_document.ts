import * as z from "zod";
import { type Comparison, ComparisonSchema } from "../compare/mod.ts";
import { type ResultDocument, ResultDocumentSchema } from "../report/mod.ts";
import type { HistoryFinding } from "./against_history.ts";

/** What `deno task nightly --json` prints. */
export interface NightlyDocument {
  readonly schema: "vfio-migbench/nightly@1";
  /** The run's folder. */
  readonly run: string;
  readonly result: ResultDocument;
  /** The run that it was held against; null where there is none. */
  readonly baseline: string | null;
  readonly comparison: Comparison | null;
  /** Why there is no comparison, and what to do; null where there is one. */
  readonly not_compared: string | null;
  /** The levels of the history that were lost, and what this night says of each. */
  readonly history: readonly HistoryFinding[];
}

const FindingSchema: z.ZodType<HistoryFinding> = z.strictObject({
  case: z.string(),
  metric: z.string(),
  before: z.number(),
  after: z.number(),
  ratio: z.number().nullable(),
  text: z.string(),
  held_against: z.string(),
  verdict: z.enum(["improved", "regressed", "same", "inconclusive"]).nullable(),
  measured_ratio: z.number().nullable(),
});

/** Strict, as its parts are. */
export const NightlySchema: z.ZodType<NightlyDocument> = z.strictObject({
  schema: z.literal("vfio-migbench/nightly@1"),
  run: z.string(),
  result: ResultDocumentSchema,
  baseline: z.string().nullable(),
  comparison: ComparisonSchema.nullable(),
  not_compared: z.string().nullable(),
  history: z.array(FindingSchema),
});
