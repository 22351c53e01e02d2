import * as z from "zod";
import type { BufferSizeAdvice } from "./buffer_size_advice.ts";

const SizeCostSchema = z.strictObject({
  buffer_size_bytes: z.int().min(1),
  median: z.number(),
  cost_ratio: z.number().min(0).max(1),
  tail_us: z.number().min(0).nullable(),
  memory_bytes: z.int().min(1),
});

/** Strict, as the documents are that have it. */
export const BufferSizeAdviceSchema: z.ZodType<BufferSizeAdvice> = z.strictObject({
  case: z.string(),
  channel: z.string(),
  metric: z.literal("throughput_stopcopy_bytes_per_s"),
  smallest_buffer_size_bytes: z.int().min(1),
  best_buffer_size_bytes: z.int().min(1),
  trials: z.int().min(1),
  noise_ratio: z.number().min(0),
  sizes: z.array(SizeCostSchema).min(2),
});
