import * as z from "zod";
import type { ScalingAdvice } from "./scaling_advice.ts";

const PointSchema = z.strictObject({
  n: z.int().min(1),
  median: z.number(),
  processors_busy: z.number().min(0).nullable(),
  processor_ns_per_byte: z.number().min(0).nullable(),
});

/** Strict, as the document is that has it. */
export const ScalingAdviceSchema: z.ZodType<ScalingAdvice> = z.strictObject({
  case: z.string(),
  clock: z.enum(["wall", "virtual"]),
  metric: z.literal("throughput_stopcopy_bytes_per_s"),
  grows_to: z.int().min(1),
  limit: z.enum([
    "nothing",
    "processors",
    "memory",
    "others",
    "waiting",
    "link",
    "adapter",
    "devices",
    "unknown",
  ]),
  processors: z.number().positive().nullable(),
  load_average_1m: z.number().min(0).nullable(),
  points: z.array(PointSchema).min(2),
});
