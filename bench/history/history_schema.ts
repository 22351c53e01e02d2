import * as z from "zod";
import type { History } from "./history.ts";

const PointSchema = z.strictObject({
  run: z.string(),
  started_at: z.string(),
  median: z.number(),
  ci95: z.tuple([z.number(), z.number()]),
  trials: z.int().min(1),
});

const ChangeSchema = z.strictObject({
  kind: z.enum(["step", "drift"]),
  from: z.int().min(0),
  to: z.int().min(1),
  before: z.number(),
  after: z.number(),
  p: z.number().min(0).max(1),
  verdict: z.enum(["improved", "regressed"]),
  run: z.string(),
  ratio: z.number().nullable(),
});

/** What `deno task history --json` prints. Strict, as {@linkcode ComparisonSchema} is. */
export const HistorySchema: z.ZodType<History> = z.strictObject({
  schema: z.literal("vfio-migbench/history@1"),
  runs: z.int().min(0),
  machines: z.array(z.unknown()),
  metrics: z.array(z.string()),
  series: z.array(z.strictObject({
    case: z.string(),
    scenario: z.string(),
    clock: z.enum(["wall", "virtual"]),
    machine: z.int().min(1).nullable(),
    metric: z.string(),
    better: z.enum(["lower", "higher"]),
    points: z.array(PointSchema).min(2),
    changes: z.array(ChangeSchema),
  })),
});
