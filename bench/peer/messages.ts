/**
 * What two processes say to each other over the control connection of a session, in this order. The connector asks,
 * the listener answers; only `ping` and its answer may come in between, and `end` at any moment.
 *
 * ```text
 *     connector                       listener
 *                              <----  welcome, or busy
 *        check                 ---->            once for each case, before anything is played
 *                              <----  taken, or refused
 *        trial                 ---->
 *                              <----  tickets, or refused
 *        (a data connection for every ticket: the main channel, then multifd's)
 *                              <----  ready: the destination is built
 *        run                   ---->
 *        (the migration, over the data connections)
 *                              <----  done: its report
 *        digest                ---->
 *                              <----  digested: a SHA-256 of each state
 *        close                 ---->
 *                              <----  closed
 *        bye                   ---->
 * ```
 *
 * In the place of an answer within a trial, `broken` says that the destination could not be built or broke.
 *
 * @module
 */
import * as z from "zod";
import type { DestinationReport } from "../../core/migration/mod.ts";
import { SLOT_COUNT } from "../measure/duration_counts.ts";
import type { Breakage } from "../trial/worker_message.ts";
import { plainText } from "./plain_text.ts";
import { WireCaseSchema } from "./wire_case.ts";

const MOST_DEVICES = 64;
/** The main channel and multifd's. */
export const MOST_CHANNELS = 1 + MOST_DEVICES;
const U32 = 2 ** 32 - 1;

const Count = z.int().min(0);
const Seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
/** CLOCK_MONOTONIC of whoever says it. */
const Ns = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/);
/** What is printed of a peer's words is plain. */
const Text = z.string().max(10_000).transform((text) => plainText(text, 2000));
const Word = z.string().max(200).transform((text) => plainText(text, 200));

/** What the connector says. Strict: whatever else stands in it is no mistake that is made here. */
export const FromConnectorSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("check"), case: WireCaseSchema }),
  z.strictObject({ type: z.literal("trial"), trial: Count, seed: Seed, case: WireCaseSchema }),
  z.strictObject({ type: z.literal("run"), trial: Count }),
  z.strictObject({ type: z.literal("digest"), trial: Count }),
  z.strictObject({ type: z.literal("close"), trial: Count }),
  z.strictObject({ type: z.literal("ping"), nth: Count }),
  z.strictObject({ type: z.literal("bye") }),
]);

export type FromConnector = z.infer<typeof FromConnectorSchema>;

const FailureSchema = z.object({
  message: Text,
  device: Word.nullable(),
  phase: z.enum(["setup", "precopy", "switchover", "stop-copy", "load", "resume", "cleanup"]),
  call: Word.nullable(),
  errno: Word.nullable(),
  cancelled: z.boolean(),
  died: z.literal(true).exactOptional(),
  resetFailed: z.boolean().exactOptional(),
});

const ReportSchema: z.ZodType<DestinationReport> = z.object({
  failure: FailureSchema.nullable(),
  refusals: z.array(FailureSchema).max(MOST_DEVICES),
  switchoverStartNs: Ns.nullable(),
  loadedNs: Ns.nullable(),
  runningNs: Ns.nullable(),
  devices: z.array(z.object({
    id: Word,
    loadedBytes: Count,
    loadNs: Ns,
    resumeNs: Ns,
    leftIn: Word,
    multifd: z.object({
      queuedPeakBytes: Count,
      loadBeganNs: Ns.nullable(),
      loadEndedNs: Ns.nullable(),
    }).exactOptional(),
  })).max(MOST_DEVICES),
});

const BreakageSchema: z.ZodType<Breakage> = z.object({
  message: Text,
  device: Word.exactOptional(),
  call: Word.nullable().exactOptional(),
  errno: Word.nullable().exactOptional(),
});

/** How often each duration came: slot and count, only of those that did, each slot once and in order. */
export const DurationsSchema = z.array(
  z.tuple([Count.max(SLOT_COUNT - 1), z.int().min(1).max(U32)]),
).max(SLOT_COUNT).refine((slots) =>
  slots.every(([slot], i) => i === 0 || slot > (slots[i - 1]?.[0] ?? 0))
);

/** What the listener says. */
export const FromListenerSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    /** A hash of which boot of which machine this is: of the same one, the clock is the same. */
    boot: Hex32,
    environment: z.object({
      comparable: z.record(z.string().max(50), z.union([Word, z.number()])),
    }),
  }),
  z.object({ type: z.literal("busy") }),
  z.object({ type: z.literal("taken") }),
  z.object({ type: z.literal("refused"), message: Text }),
  z.object({
    type: z.literal("tickets"),
    trial: Count,
    tickets: z.array(Hex32).min(1).max(MOST_CHANNELS),
  }),
  z.object({ type: z.literal("ready"), trial: Count }),
  z.object({
    type: z.literal("done"),
    trial: Count,
    report: ReportSchema,
    durations: DurationsSchema.nullable(),
  }),
  z.object({
    type: z.literal("digested"),
    trial: Count,
    digests: z.array(z.object({ length: Count, sha256: Hex32 })).max(MOST_DEVICES + 1),
  }),
  z.object({
    type: z.literal("closed"),
    trial: Count,
    obstacles: z.array(Text).max(MOST_DEVICES),
  }),
  z.object({ type: z.literal("broken"), trial: Count, breakage: BreakageSchema }),
  z.object({ type: z.literal("pong"), nth: Count, received_ns: Ns, sent_ns: Ns }),
  z.object({ type: z.literal("end"), message: Text }),
]);

export type FromListener = z.infer<typeof FromListenerSchema>;
