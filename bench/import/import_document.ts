import * as z from "zod";
import { type ResultDocument, ResultDocumentSchema } from "../report/mod.ts";
import type { Imported, QmpCheck } from "./imported.ts";
import type { ClockOffset, Decisions } from "./migration.ts";

/** What `deno task import --json` prints: the usual document of a run, and what only an import has. */
export interface ImportDocument extends ResultDocument {
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

/** The document of an import, and of the run folder that was made of it. */
export function importDocument(result: ResultDocument, imported: Imported): ImportDocument {
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

/** As strict as the usual document: a key that is not in the format is refused. */
export const ImportDocumentSchema: z.ZodType<ImportDocument> = z.intersection(
  z.looseObject({
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
  }),
  z.preprocess(withoutOwn, ResultDocumentSchema),
);

const OWN = new Set(["bytes_total", "decisions", "clock_offset", "qmp_checks", "unreadable_lines"]);

/** What is left is the usual document, to its last key. */
function withoutOwn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !OWN.has(key)));
}
