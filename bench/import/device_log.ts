import type { EstimateEntry, EstimateKind } from "../../core/migration/mod.ts";
import { u64Add } from "../../core/vfio/mod.ts";
import { type DurationHistogram, recordNs } from "../measure/mod.ts";
import type { Moment, TracedBuffers, TracedQuery, TracedState } from "./migration.ts";

/** Buffers of one phase, as they come. */
export class BufferLog implements TracedBuffers {
  count = 0;
  bytes = 0;
  empty = 0;
  busy_us: Moment = null;
  begin_us: Moment = null;
  end_us: Moment = null;

  constructor(readonly durations: DurationHistogram | null) {}

  add(bytes: number, began_us: Moment, at_us: Moment): void {
    this.count++;
    this.bytes += bytes;
    this.end_us = at_us;
    this.begin_us ??= began_us ?? at_us;
    if (began_us === null || at_us === null) return;
    const took = Math.max(0, at_us - began_us);
    this.busy_us = (this.busy_us ?? 0) + took;
    if (this.durations !== null) recordNs(this.durations, took * 1000);
  }

  plain(): TracedBuffers {
    const { count, bytes, empty, busy_us, begin_us, end_us } = this;
    return { count, bytes, empty, busy_us, begin_us, end_us };
  }
}

/** States that a device was told to go to, and reached. */
export class StateLog {
  readonly states: TracedState[] = [];
  #attempt: { state: string; at_us: Moment } | null = null;
  /** Attempts, by state: the last one's time. */
  readonly attempts = new Map<string, Moment>();

  /** The state that was tried last, and not reached yet. */
  get attempting(): string | null {
    return this.#attempt?.state ?? null;
  }

  attempt(state: string, at_us: Moment): void {
    this.#attempt = { state, at_us };
    this.attempts.set(state, at_us);
  }

  reached(state: string, at_us: Moment): void {
    const began = this.#attempt?.state === state ? this.#attempt.at_us : null;
    this.states.push({ at_us, state, took_us: spanOf(began, at_us) });
    this.#attempt = null;
  }
}

/** From one moment to the other; null where one is not known. */
export function spanOf(began: Moment, ended: Moment): number | null {
  return began === null || ended === null ? null : ended - began;
}

/** Answers of one device that are kept at most, but for special ones. */
const MOST_QUERIES = 16_384;

/** Kept in any case. */
function isSpecial({ when, reinit }: TracedQuery): boolean {
  return when !== "exact" || reinit;
}

/** What the source's log tells of one device, as it comes. */
export class DeviceLog {
  section: string | null = null;
  bufferSize: number | null = null;
  supportsPrecopy = false;
  supportsP2p = false;
  precopyInfoV2: boolean | null = null;
  multifd = false;
  stopped = false;
  #isDecided = false;
  ended = false;
  readonly states = new StateLog();
  queries: TracedQuery[] = [];
  readonly estimates: EstimateEntry[] = [];
  readonly initDataSent: Moment[] = [];
  readonly reinits: Moment[] = [];
  readonly precopy: BufferLog;
  readonly stopCopy: BufferLog;
  saveUs: number | null = null;
  configSaveUs: number | null = null;
  stopBegan: Moment = null;
  stopEnded: Moment = null;
  /** Where the buffer that comes next began. */
  began: Moment = null;
  /** What the turn of this pass read so far. */
  #turnBytes = 0;
  /** Whether something was learnt since the last empty turn: a spin of empty turns is kept as one. */
  #isEmptyNoted = false;
  /** Answers are kept one in so many. */
  #stride = 1;
  #answers = 0;
  #stopCopyEstimate: EstimateEntry | null = null;

  constructor(readonly id: string, durations: DurationHistogram) {
    this.precopy = new BufferLog(durations);
    this.stopCopy = new BufferLog(durations);
  }

  get position(): number {
    return this.precopy.bytes + (this.stopped ? this.stopCopy.bytes : 0);
  }

  /** A query; one that only repeats the last, with nothing read in between, is not kept again. */
  ask(at_us: Moment, query: Omit<TracedQuery, "at_us" | "position_bytes">): void {
    const { initial_bytes, dirty_bytes, stop_copy_length } = query;
    const last = this.queries.at(-1);
    const repeats = last !== undefined && last.when === query.when && !query.reinit &&
      last.position_bytes === this.position && last.initial_bytes === initial_bytes &&
      last.dirty_bytes === dirty_bytes && last.stop_copy_length === stop_copy_length;
    if (!repeats) this.#keep({ at_us, ...query, position_bytes: this.position });
    if (query.reinit) this.reinits.push(at_us);
    if (stop_copy_length !== undefined) this.#estimate(at_us, "stop_copy", stop_copy_length);
    if (initial_bytes !== undefined && dirty_bytes !== undefined) {
      const bytes = initial_bytes === null || dirty_bytes === null
        ? null
        : u64Add(initial_bytes, dirty_bytes);
      this.#estimate(at_us, "precopy", bytes);
    }
  }

  /** Keeps an answer; of a great many every second one goes, again and again. */
  #keep(query: TracedQuery): void {
    if (!isSpecial(query) && this.#answers++ % this.#stride !== 0) return;
    if (this.queries.length >= MOST_QUERIES) {
      let others = 0;
      this.queries = this.queries.filter((one) => isSpecial(one) || others++ % 2 === 0);
      this.#stride *= 2;
    }
    this.queries.push(query);
  }

  /** As `core/migration` keeps estimates: a repeat with nothing read in between is counted, not kept. */
  #estimate(at_us: Moment, kind: EstimateKind, bytes: number | null): void {
    const { position } = this;
    const entry: EstimateEntry = {
      entry: "estimate",
      atNs: ns(at_us),
      kind,
      bytes,
      position,
      times: 1,
    };
    if (kind === "stop_copy" && !this.#isDecided) {
      // Only the last one before the decision is compared with anything.
      const last = this.#stopCopyEstimate;
      const repeats = last?.entry === "estimate" && last.bytes === bytes &&
        last.position === position;
      if (repeats) last.times++;
      else {
        this.#stopCopyEstimate = entry;
        this.#isEmptyNoted = false;
      }
      return;
    }
    const last = this.estimates.findLast((one) => one.entry !== "empty");
    const repeats = last?.entry === "estimate" && last.kind === kind && last.bytes === bytes &&
      last.position === position;
    if (repeats) last.times++;
    else {
      this.estimates.push(entry);
      this.#isEmptyNoted = false;
    }
  }

  block(bytes: number, at_us: Moment): void {
    const buffers = this.stopped ? this.stopCopy : this.precopy;
    buffers.add(bytes, this.began, at_us);
    this.began = at_us;
    this.#turnBytes += bytes;
  }

  /** Its turn of a pass is over. Returns what it read. */
  endTurn(at_us: Moment): number {
    const read = this.#turnBytes;
    this.#turnBytes = 0;
    this.began = null;
    if (read === 0) {
      this.precopy.empty++;
      if (!this.#isEmptyNoted) this.estimates.push(this.#entry("empty", at_us));
      this.#isEmptyNoted = true;
    }
    return read;
  }

  decided(at_us: Moment): void {
    this.#isDecided = true;
    if (this.#stopCopyEstimate !== null) this.estimates.push(this.#stopCopyEstimate);
    this.estimates.push(this.#entry("decided", at_us));
  }

  stop(at_us: Moment): void {
    if (this.stopped) return;
    this.estimates.push(this.#entry("stopped", at_us));
    this.stopped = true;
    this.began = null;
    this.stopEnded = at_us;
  }

  /** All its data are saved. With multifd the log does not say how much that was. */
  end(at_us: Moment): void {
    if (this.ended) return;
    this.ended = true;
    if (!this.multifd) this.estimates.push(this.#entry("end", at_us));
  }

  #entry(entry: "empty" | "decided" | "stopped" | "end", at_us: Moment): EstimateEntry {
    return { entry, atNs: ns(at_us), position: this.position };
  }
}

function ns(at_us: Moment): number {
  return (at_us ?? 0) * 1000;
}
