import type { DeviceProfile } from "../../core/device/profile.ts";
import type { TracedQuery } from "../import/mod.ts";

/** Answers that are this near to each other are the same. */
const SAME = 0.02;
/** Answers of so many bytes differ by record headers alone. */
const FEW_BYTES = 4096;

/**
 * By which policy a device answers, out of its answers.
 *
 * ```text
 *   every MIG_DATA_SIZE failed                            error
 *   a length with bit 63 set                              errno-as-length
 *   the same length wherever the reading was: the whole   full-always
 *                                             another     constant
 *   near initial + dirty + what only moves stopped        exact
 *   otherwise                                             noisy, by the widest error
 * ```
 */
export function measureReport(
  queries: readonly TracedQuery[],
  initialBytes: number,
): Partial<DeviceProfile> {
  return { ...measureStopCopy(queries, initialBytes), ...measurePrecopy(queries) };
}

function measureStopCopy(
  queries: readonly TracedQuery[],
  initialBytes: number,
): Partial<DeviceProfile> {
  const asked = queries.filter((q) => q.stop_copy_length !== undefined);
  const answers = asked.flatMap((q) =>
    typeof q.stop_copy_length === "number" ? [{ ...q, length: q.stop_copy_length }] : []
  );
  if (asked.length > 0 && answers.length === 0) return { stop_copy_report: "error" };
  if (answers.some(({ length }) => length < 0)) return { stop_copy_report: "errno-as-length" };
  const [first] = answers;
  if (first === undefined) return {};
  const reading = answers.some((a) => a.position_bytes > first.position_bytes + FEW_BYTES);
  if (reading && answers.every(({ length }) => isNear(length, first.length))) {
    return first.length >= initialBytes * (1 - SAME)
      ? { stop_copy_report: "full-always" }
      : { stop_copy_report: "constant", stop_copy_constant: first.length };
  }
  const withPrecopy = answers.filter((a) =>
    typeof a.initial_bytes === "number" && typeof a.dirty_bytes === "number"
  );
  const rests = withPrecopy.map((a) => a.length - (a.initial_bytes ?? 0) - (a.dirty_bytes ?? 0));
  const rest = median(rests);
  const widest = Math.max(
    0,
    ...withPrecopy.map((a, i) => Math.abs((rests[i] ?? 0) - rest) / Math.max(a.length, 1)),
  );
  if (widest <= NOISE) return { stop_copy_report: "exact" };
  return { stop_copy_report: "noisy", stop_copy_noise: Math.min(1, Number(widest.toFixed(3))) };
}

/** A guest that dirties between two questions makes honest answers differ by so much. */
const NOISE = 0.1;

function measurePrecopy(queries: readonly TracedQuery[]): Partial<DeviceProfile> {
  const asked = queries.filter((q) => q.initial_bytes !== undefined);
  if (asked.length > 0 && asked.every((q) => q.initial_bytes === null)) {
    return { precopy_report: "error" };
  }
  const read = asked.filter((q) => q.position_bytes > 0);
  const whileInitial = read.filter((q) => (q.initial_bytes ?? 0) > 0);
  const after = read.filter((q) => q.initial_bytes === 0);
  const isDirty = (q: TracedQuery) => (q.dirty_bytes ?? 0) > 0;
  if (read.length > 1 && !read.some(isDirty)) return { dirty_report: "zero" };
  return whileInitial.length > 1 && !whileInitial.some(isDirty) && after.some(isDirty)
    ? { dirty_report: "after-initial" }
    : {};
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(FEW_BYTES, b * SAME);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
