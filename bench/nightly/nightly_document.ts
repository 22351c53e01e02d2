import * as z from "zod";
import { type Comparison, ComparisonSchema } from "../compare/mod.ts";
import { type ResultDocument, ResultDocumentSchema } from "../report/mod.ts";

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
  /** Steps and drifts for the worse that the newest runs have. */
  readonly recent_changes: readonly string[];
}

/** Strict, as its parts are. */
export const NightlySchema: z.ZodType<NightlyDocument> = z.strictObject({
  schema: z.literal("vfio-migbench/nightly@1"),
  run: z.string(),
  result: ResultDocumentSchema,
  baseline: z.string().nullable(),
  comparison: ComparisonSchema.nullable(),
  not_compared: z.string().nullable(),
  recent_changes: z.array(z.string()),
});
