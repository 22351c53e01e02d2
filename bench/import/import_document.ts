import * as z from "zod";
import type { ResultDocument } from "../report/result_document.ts";
import type { Imported, QmpCheck } from "./imported.ts";
import type { ClockOffset, Decisions } from "./migration.ts";

/** What an import has to say beside the usual document of a run. */
export interface ImportFields {
  /** All that was transferred, of the last migration; null where its log does not say. */
  readonly bytes_total: number | null;
  /** The last migration's. */
  readonly decisions: Decisions;
  /** Of the destination's clock; null without a destination's log, or with one whose clock cannot be held against the source's. */
  readonly clock_offset: ClockOffset | null;
  /** Numbers of the trace beside those of the QMP log; empty without one. */
  readonly qmp_checks: readonly QmpCheck[];
  /** Lines that name an event of interest, but were cut off or run together. */
  readonly unreadable_lines: number;
}

/** What `deno task import --json` prints: the document of the run folder that was made, and what only an import has. */
export function importDocument(
  result: ResultDocument,
  imported: Imported,
): ResultDocument & ImportFields {
  const last = imported.migrations.at(-1);
  if (last === undefined) throw new RangeError("Cannot make a document of no migration");
  return {
    ...result,
    bytes_total: last.bytes_total,
    decisions: last.decisions,
    clock_offset: last.clock,
    qmp_checks: imported.qmp?.checks ?? [],
    unreadable_lines: imported.source.unreadable + (imported.destination?.unreadable ?? 0),
  };
}

const Count = z.int().min(0);
const Value = z.union([z.string(), z.number()]);

const DecisionsSchema = z.strictObject({
  policy: z.enum(["qemu-8.1", "qemu-9.2", "qemu-11.1"]),
  forced: z.boolean(),
  passes: Count,
  differing: Count,
  sums_differing: Count,
  differences: z.array(z.strictObject({
    pass: z.int().min(1),
    at_us: z.number().nullable(),
    what: z.enum(["asks", "decides", "sum", "threshold"]),
    qemu: Value,
    ours: Value,
    total_bytes: z.number(),
    threshold_bytes: z.number(),
  })),
}).refine(({ passes, differing }) => differing <= passes, {
  error: "more passes differ than there are",
});

/** The keys that an import adds to the usual document; strict as that is. */
export const IMPORT_FIELDS = {
  bytes_total: z.number().nullable(),
  decisions: DecisionsSchema,
  clock_offset: z.strictObject({
    offset_us: z.number(),
    uncertainty_us: z.number().min(0).nullable(),
    forward_pairs: Count,
    backward_pairs: Count,
  }).nullable(),
  qmp_checks: z.array(z.strictObject({
    what: z.string(),
    trace: z.number(),
    qmp: z.number(),
    agrees: z.boolean(),
  })),
  unreadable_lines: Count,
} as const;
