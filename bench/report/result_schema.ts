import * as z from "zod";
import { BufferSizeAdviceSchema } from "./buffer_size_advice_schema.ts";
import { IMPORT_FIELDS } from "../import/import_document.ts";
import { ScalingAdviceSchema } from "./scaling_advice_schema.ts";
import { RunOriginSchema } from "../store/run_schema.ts";
import type { ResultDocument } from "./result_document.ts";

const Count = z.int().min(0);
const Anything = z.record(z.string(), z.unknown());

const SummarySchema = z.strictObject({
  n: z.int().min(1),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  p25: z.number(),
  p75: z.number(),
  ci95: z.tuple([z.number(), z.number()]),
});

const DurationSummarySchema = z.strictObject({
  n: Count,
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
});

const EstimateSummarySchema = z.strictObject({
  queries: Count,
  no_answer: Count,
  unresolved: Count,
  exact: Count,
  cut_off: Count,
  over_ratio: SummarySchema.nullable(),
  under_ratio: SummarySchema.nullable(),
  phantom_bytes: SummarySchema.nullable(),
});

const ExpectationResultSchema = z.strictObject({
  scenario: z.string(),
  metric: z.string(),
  case: Anything,
  relative_to: Anything.exactOptional(),
  min: z.number(),
  max: z.number(),
  basis: z.enum(["fitted", "predicted", "published", "rules"]),
  reason: z.string().exactOptional(),
  actual: z.number().nullable(),
  met: z.boolean(),
});

const Summaries = z.record(z.string(), SummarySchema);

const ErrorSchema = z.strictObject({
  trial: Count,
  message: z.string(),
  device: z.string().nullable(),
  phase: z.string(),
  call: z.string().nullable(),
  errno: z.string().nullable(),
  qemu_says: z.enum(["completed", "failed", "cancelled"]),
  injected: z.array(z.string()).min(1).exactOptional(),
});

const InjectedSchema = z.strictObject({
  fault: Count,
  what: z.string(),
  trials: Count,
  times: Count,
});

const CaseResultSchema = z.strictObject({
  scenario: z.string(),
  label: z.string(),
  varies: Anything,
  params: Anything,
  clock: z.enum(["wall", "virtual"]),
  trials: Count,
  failed: Count,
  state_verified: z.boolean(),
  verified_by: z.enum(["driver", "nobody", "qemu"]).exactOptional(),
  downtime_rests_on: z.array(z.enum(["one clock", "two clocks", "return path"])).exactOptional(),
  metrics: z.record(z.string(), z.union([SummarySchema, DurationSummarySchema])),
  downtime_breakdown_ms: Summaries,
  fixed: Summaries.exactOptional(),
  devices: z.record(
    z.string(),
    z.strictObject({
      metrics: Summaries,
      estimates: z.record(z.string(), EstimateSummarySchema),
    }),
  ),
  shows: z.enum(["downtime", "estimates"]),
  outliers: z.record(z.string(), z.array(Count).min(1)),
  injected: z.array(InjectedSchema).min(1).exactOptional(),
  errors: z.array(ErrorSchema),
}).refine(({ trials, failed }) => failed <= trials, {
  error: "more trials failed than were played",
});

/**
 * What `--json` prints. Strict: a key that is not in the format is refused, so that a new one is added
 * here, and the version thought about, before anyone reads it. Numbers are finite, as JSON has no others.
 */
export const ResultDocumentSchema: z.ZodType<ResultDocument> = z.strictObject({
  schema: z.literal("vfio-migbench/result@1"),
  complete: z.boolean(),
  seed: z.number(),
  environment: z.unknown(),
  cases: z.array(CaseResultSchema),
  buffer_size_advice: z.array(BufferSizeAdviceSchema),
  scaling_advice: z.array(ScalingAdviceSchema),
  expectations: z.array(ExpectationResultSchema),
  warnings: z.array(z.string()),
  origin: RunOriginSchema.exactOptional(),
  // Only of an import.
  bytes_total: IMPORT_FIELDS.bytes_total.exactOptional(),
  decisions: IMPORT_FIELDS.decisions.exactOptional(),
  clock_offset: IMPORT_FIELDS.clock_offset.exactOptional(),
  qmp_checks: IMPORT_FIELDS.qmp_checks.exactOptional(),
  unreadable_lines: IMPORT_FIELDS.unreadable_lines.exactOptional(),
});
