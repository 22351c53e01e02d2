import * as z from "zod";
import type { TrialRecord } from "../trial/record.ts";

/** The version of the format; a reader refuses one it does not know. */
export const RUN_SCHEMA = "vfio-migbench/run@1";

/** Sixteen scenarios of as many cases as one can have. */
const MOST_CASES = 65_536;

const Clock = z.enum(["wall", "virtual"]);
const Numbers = z.record(z.string(), z.number());

/** A case as a run folder knows it; cases are numbered over the whole run. */
export const CaseMetaSchema = z.object({
  scenario: z.string(),
  index: z.int().min(0),
  label: z.string(),
  varies: z.record(z.string(), z.unknown()),
  params: z.record(z.string(), z.unknown()),
  /** The rest of what it is, by the keys that `--set` has; absent in runs of before. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  /** All that a trial of it needs to know, from which `--resume` makes it again; absent in runs of before. */
  definition: z.unknown().optional(),
  clock: Clock,
  /** How many were asked for, without warm-up; where a precision was asked for, the fewest. */
  trials: z.int().min(0),
  /** What its row of the table is about. */
  shows: z.enum(["downtime", "estimates"]).default("downtime"),
});

const Point = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** What a scenario of the run is expected to say. */
const ExpectationMetaSchema = z.object({
  scenario: z.string(),
  metric: z.string(),
  case: Point,
  relative_to: Point.exactOptional(),
  min: z.number(),
  max: z.number(),
  basis: z.enum(["fitted", "predicted", "published", "rules"]),
  reason: z.string().exactOptional(),
});

/** When a run stops playing, beyond the trials of its cases. */
const StopSchema = z.object({
  /** Half the interval of the median over the median: as wide as it may be. */
  precision_ratio: z.number().positive(),
  /** The metrics whose intervals are meant. */
  metrics: z.array(z.string()).min(1),
  /** The most trials that a case gets. */
  most_trials: z.int().min(1),
});

/** Which part of the cases a run has, where several runs share them. */
const ShardSchema = z.object({
  /** From 1. */
  index: z.int().min(1),
  count: z.int().min(1),
  /** The cases of all parts together. */
  cases: z.int().min(0),
});

/** Where a run was imported from, which no harness played. File names are without their folders. */
export const RunOriginSchema = z.object({
  kind: z.literal("qemu-trace"),
  source: z.string(),
  destination: z.string().nullable(),
  qmp: z.string().nullable(),
});

/** Where the destinations of a run were, whose migrations went to another process. */
const PeerMetaSchema = z.object({
  channel: z.enum(["unix", "tcp"]),
  /** Whether both were of the same boot of the same machine, with one clock. */
  one_machine: z.boolean(),
  /** As `environment.comparable` has it of the source's. */
  comparable: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** `run.json`. */
export const RunMetaSchema = z.object({
  schema: z.literal(RUN_SCHEMA),
  complete: z.boolean(),
  name: z.string(),
  seed: z.number(),
  started_at: z.string().refine((text) => !Number.isNaN(Date.parse(text)), {
    error: "expected a time in ISO 8601",
  }),
  finished_at: z.string().nullable(),
  environment: z.unknown(),
  cases: z.array(CaseMetaSchema).max(MOST_CASES),
  expect: z.array(ExpectationMetaSchema).default([]),
  stop: StopSchema.exactOptional(),
  shard: ShardSchema.exactOptional(),
  /** When it was gone on with after it had been stopped. */
  resumed_at: z.array(z.string()).exactOptional(),
  /** What makes its numbers less than they look. */
  warnings: z.array(z.string()).exactOptional(),
  /** Absent: the harness played it. */
  origin: RunOriginSchema.exactOptional(),
  /** Absent: source and destination were in one process. */
  peer: PeerMetaSchema.exactOptional(),
});

const Outcome = z.enum(["completed", "failed", "cancelled"]);

const Estimates = z.record(
  z.string(),
  z.object({
    queries: z.int().min(0),
    no_answer: z.int().min(0),
    unresolved: z.int().min(0),
    exact: z.int().min(0),
    cut_off: z.int().min(0),
    over_ratio: z.array(z.number()),
    under_ratio: z.array(z.number()),
    phantom_bytes: z.array(z.number()),
  }),
);

/** A fault of the case's plan, and what became of it in a trial. */
const InjectedSchema = z.object({
  fault: z.int().min(0),
  what: z.string(),
  times: z.int().min(0),
  at_ms: z.number().exactOptional(),
  nth: z.int().min(0).exactOptional(),
  byte: z.number().min(0).exactOptional(),
});

/** A line of `trials.jsonl`. */
export const TrialRecordSchema: z.ZodType<TrialRecord> = z.object({
  scenario: z.string(),
  case: z.int().min(0),
  trial: z.int().min(0),
  clock: Clock,
  seed: z.number(),
  outcome: Outcome,
  qemu_says: Outcome,
  error: z.object({
    message: z.string(),
    device: z.string().nullable(),
    phase: z.string(),
    call: z.string().nullable(),
    errno: z.string().nullable(),
  }).nullable(),
  state_verified: z.boolean(),
  verified_by: z.enum(["driver", "nobody", "qemu"]).exactOptional(),
  metrics: Numbers,
  downtime_breakdown_ms: Numbers,
  devices: z.record(z.string(), z.object({ metrics: Numbers, estimates: Estimates.default({}) })),
  histograms: z.record(z.string(), z.string()),
  fixed: z.object({
    fixed_ms: z.number(),
    ready_ms: z.number(),
    verify_ms: z.number(),
    close_ms: z.number(),
  }).exactOptional(),
  injected: z.array(InjectedSchema).exactOptional(),
  started_at_ms: z.number().exactOptional(),
  peer: z.object({
    downtime_rests_on: z.enum(["one clock", "two clocks", "return path"]),
    clock_offset_ms: z.number().exactOptional(),
    clock_uncertainty_ms: z.number().min(0).exactOptional(),
  }).exactOptional(),
});

/** A case as `run.json` has it: what is played, what tells it from the others, and how often. */
export type CaseMeta = Readonly<z.infer<typeof CaseMetaSchema>>;
/** `run.json`: what was asked for, where, and whether it is all there. Times are ISO 8601, UTC. */
export type RunMeta = Readonly<z.infer<typeof RunMetaSchema>>;
/** When a run stops playing, beyond the trials of its cases. */
export type StopMeta = Readonly<z.infer<typeof StopSchema>>;
/** Which part of the cases a run has. */
export type ShardMeta = Readonly<z.infer<typeof ShardSchema>>;
/** Where an imported run is from. */
export type RunOrigin = Readonly<z.infer<typeof RunOriginSchema>>;
/** Where the destinations of a run were, in another process. */
export type PeerMeta = Readonly<z.infer<typeof PeerMetaSchema>>;
/** What a scenario of the run is expected to say. */
export type ExpectationMeta = Readonly<z.infer<typeof ExpectationMetaSchema>>;
