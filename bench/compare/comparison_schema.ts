import * as z from "zod";
import { BufferSizeAdviceSchema } from "../report/buffer_size_advice_schema.ts";
import type { Comparison } from "./comparison.ts";

const Count = z.int().min(0);
const Ratio = z.number().min(0).nullable();
const P = z.number().min(0).max(1).nullable();

const SideSchema = z.strictObject({
  case: z.string(),
  trials: z.int().min(1),
  median: z.number(),
  ci95: z.tuple([z.number(), z.number()]),
  outliers: Count,
});

const Verdict = z.enum(["improved", "regressed", "same", "inconclusive"]);

const AgainSchema = z.strictObject({
  base: SideSchema,
  candidate: SideSchema,
  ratio: Ratio,
  ratio_ci95: z.tuple([Ratio, Ratio]).nullable(),
  p_corrected: P,
  verdict: Verdict,
});

const RowSchema = z.strictObject({
  case: z.string(),
  scenario: z.string(),
  clock: z.enum(["wall", "virtual"]),
  metric: z.string(),
  better: z.enum(["lower", "higher"]),
  base: SideSchema,
  candidate: SideSchema,
  paired: z.boolean(),
  ratio: Ratio,
  ratio_ci95: z.tuple([Ratio, Ratio]).nullable(),
  p: P,
  p_corrected: P,
  delta: z.number().min(-1).max(1).nullable(),
  effect: z.enum(["negligible", "small", "medium", "large"]).nullable(),
  tolerance: z.number().min(0).nullable(),
  changed: Count.nullable(),
  verdict: Verdict,
  needed_trials: z.int().min(1).nullable(),
  again: AgainSchema.nullable(),
});

const RunSchema = z.strictObject({
  run: z.string(),
  name: z.string(),
  started_at: z.string(),
  complete: z.boolean(),
});

/**
 * What `deno task compare --json` prints. Strict: a key that is not in the format is refused, so that a new
 * one is added here, and the version thought about, before anyone reads it.
 */
export const ComparisonSchema: z.ZodType<Comparison> = z.strictObject({
  schema: z.literal("vfio-migbench/comparison@1"),
  base: RunSchema,
  candidate: RunSchema,
  by: z.string().nullable(),
  confirmed_by: z.string().nullable(),
  tolerance: z.number().min(0),
  rows: z.array(RowSchema),
  verdicts: z.strictObject({
    improved: Count,
    regressed: Count,
    same: Count,
    inconclusive: Count,
  }),
  unmatched: z.array(
    z.strictObject({
      run: z.enum(["base", "candidate"]),
      case: z.string(),
      reason: z.string(),
    }),
  ),
  buffer_size_advice: z.array(BufferSizeAdviceSchema),
  warnings: z.array(z.string()),
}).refine(
  ({ rows, verdicts }) =>
    rows.length === Object.values(verdicts).reduce((sum, count) => sum + count, 0),
  { error: "the counts of verdicts are not those of the rows" },
);
