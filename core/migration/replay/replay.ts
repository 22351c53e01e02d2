import {
  type BandwidthWindow,
  createBandwidthWindow,
  updateBandwidthWindow,
} from "../bandwidth_window.ts";
import {
  createExpectedDowntime,
  type ExpectedDowntime,
  expectedDowntimeMs,
  noteExactTotal,
  noteWindowClosed,
} from "../expected_downtime.ts";
import {
  applyDataSize,
  applyPrecopyInfo,
  applyRead,
  createPending,
  createPendingCache,
  decide,
  ESTIMATE_QUERY,
  EXACT_QUERY,
  initDataSentDue,
  needsExact,
  type PendingCache,
  type PendingQuery,
  type Policy,
  requestAck,
  sumPending,
} from "../policy/mod.ts";
import {
  canSwitchover,
  collectRequests,
  createSourceAck,
  receiveAck,
  type SourceAck,
} from "../switchover_ack.ts";
import type { PassAnswer, PassDevice, PassQuery, PassWindow, TracedPass } from "./traced_pass.ts";

/** What the user of that QEMU had chosen, as far as decisions go by it. */
export interface ReplayOptions {
  readonly switchoverAck: boolean;
  readonly switchoverAckLegacy: boolean;
  /** `downtime-limit` at the start and `avail-switchover-bandwidth`; undefined: told from the windows. */
  readonly downtimeLimitMs: number | undefined;
  readonly availSwitchoverBandwidth: number | undefined;
}

/** What our policy thinks otherwise in one pass. */
export interface ReplayDifference {
  readonly pass: number;
  readonly at_us: number | null;
  /** It asks for an exact total or not; it decides; its sum or its threshold is another. */
  readonly what: "asks" | "decides" | "sum" | "threshold";
  readonly qemu: string | number;
  readonly ours: string | number;
  /** What QEMU had added up and held it against. */
  readonly total_bytes: number;
  readonly threshold_bytes: number;
}

const DEFAULT_DOWNTIME_LIMIT_MS = 300;
/** Of decisions and of sums that differ so many are kept each; all are counted. */
const MOST_KEPT = 100;

/**
 * Plays the passes of a real source by the rules of one of our policies: given what the devices answered,
 * what was read of them, what RAM held, which windows closed and which acks came, would it have asked and decided as
 * that QEMU did? A pass goes on from what QEMU did, not from what we would have done.
 *
 * Pure but for its own sums; memory does not grow with the passes.
 */
export class DecisionReplay {
  passes = 0;
  /** Passes in which ours asks or decides otherwise. */
  differing = 0;
  /** Passes in which ours adds up, or makes of a window, something else. */
  sumsDiffering = 0;
  readonly differences: ReplayDifference[] = [];
  readonly #ackOptions;
  readonly #ack: SourceAck;
  readonly #pending = createPending();
  readonly #expected: ExpectedDowntime;
  #caches: PendingCache[] = [];
  #window: BandwidthWindow = createBandwidthWindow(0);
  /** What QEMU held its sums against. */
  #threshold = 0;
  #limitMs: number;
  #ram = { dirtyPagesRate: 0, dirtyBytesLastSync: 0 };
  #exactQueries = 0;
  readonly #decisionsKept = { count: 0 };
  readonly #sumsKept = { count: 0 };

  constructor(readonly policy: Policy, readonly options: ReplayOptions) {
    this.#ackOptions = { capability: options.switchoverAck, legacy: options.switchoverAckLegacy };
    this.#ack = createSourceAck(policy, this.#ackOptions);
    this.#limitMs = options.downtimeLimitMs ?? DEFAULT_DOWNTIME_LIMIT_MS;
    this.#expected = createExpectedDowntime(this.#limitMs);
  }

  /** The downtime limit: the one that was given, or that the last window tells. */
  get downtimeLimitMs(): number {
    return this.#limitMs;
  }

  /** What `query-migrate` would promise now. */
  expectedDowntimeMs(): number {
    const { start, setupSync, exactQuery } = this.policy.iterationCounter;
    const iterations = start + Number(setupSync) + (exactQuery ? this.#exactQueries : 0);
    return expectedDowntimeMs(
      this.policy,
      this.#expected,
      this.#window,
      iterations,
      this.#thresholdOptions(),
    );
  }

  /** Setup is over, and every device has answered. */
  begin(devices: readonly PassDevice[]): void {
    this.#caches = devices.map(({ supportsPrecopy, inPrecopy, precopyInfoV2, answer }) => {
      const cache = createPendingCache({ supportsPrecopy, precopyInfoV2 });
      cache.inPrecopy = inPrecopy;
      this.#answer(cache, answer);
      if (inPrecopy) requestAck(this.policy, cache, this.#ackOptions);
      return cache;
    });
  }

  pass(pass: TracedPass): void {
    this.passes++;
    const { policy } = this;
    let sumsDiffer = pass.window !== undefined && this.#closeWindow(pass, pass.window);
    this.#takeAcks(pass.acksBefore);
    this.#ack.guestRunning = pass.guestRunning;
    if (!pass.guestRunning) { for (const cache of this.#caches) cache.inPrecopy = false; }
    sumsDiffer = this.#query(pass, pass.estimate, ESTIMATE_QUERY) || sumsDiffer;
    const asks = needsExact(policy, this.#pending, this.#threshold);
    const { exact } = pass;
    let differs = false;
    if (asks !== (exact !== undefined)) {
      differs = true;
      this.#note(pass, "asks", exact === undefined ? "no" : "yes", asks ? "yes" : "no");
    }
    if (exact !== undefined) {
      this.#exactQueries++;
      for (const [at, cache] of this.#caches.entries()) {
        const answer = pass.answers[at];
        if (answer !== undefined) this.#answer(cache, answer);
      }
      sumsDiffer = this.#query(pass, exact, EXACT_QUERY) || sumsDiffer;
      noteExactTotal(this.#expected, exact.total);
      this.#ram = {
        dirtyPagesRate: pass.dirtyPagesRate ?? this.#ram.dirtyPagesRate,
        dirtyBytesLastSync: exact.ram ?? 0,
      };
    }
    if (this.#decidesOtherwise(pass)) differs = true;
    this.differing += Number(differs);
    this.sumsDiffering += Number(sumsDiffer);
    this.#takeReads(pass.reads);
  }

  /** Acks amid the queries came before the gate was looked at, or after: the log does not tell, and either is right. */
  #decidesOtherwise(pass: TracedPass): boolean {
    const decisions = new Set([this.#decide()]);
    this.#takeAcks(pass.acksAmid);
    decisions.add(this.#decide());
    if (decisions.has(pass.then)) return false;
    this.#note(pass, "decides", pass.then, [...decisions].join(" or "));
    return true;
  }

  #decide(): "complete" | "iterate" {
    return decide(this.policy, this.#pending, this.#threshold, canSwitchover(this.#ack));
  }

  #takeAcks(acks: number): void {
    for (let i = 0; i < acks; i++) receiveAck(this.#ack);
  }

  #takeReads(reads: readonly (number | undefined)[]): void {
    for (const [at, cache] of this.#caches.entries()) {
      const read = reads[at];
      if (read === undefined) continue;
      applyRead(this.policy, cache, read);
      initDataSentDue(this.policy, cache, this.#ackOptions.capability);
    }
  }

  #answer(cache: PendingCache, { stop, initial, dirty, reinit }: PassAnswer): void {
    const { policy } = this;
    if (stop !== undefined) applyDataSize(policy, cache, stop === null ? -1 : 0, stop ?? 0);
    if (initial === undefined || dirty === undefined) return;
    const failed = initial === null || dirty === null;
    const info = { flags: Number(reinit), initialBytes: initial ?? 0, dirtyBytes: dirty ?? 0 };
    applyPrecopyInfo(policy, cache, failed ? -1 : 0, info, this.#ackOptions);
  }

  /** Adds up as ours does. Whether that is another sum than QEMU's. */
  #query(pass: TracedPass, traced: PassQuery, query: PendingQuery): boolean {
    const { policy } = this;
    const ram = traced.ram ?? traced.total - this.#devicesTotal(query);
    sumPending(policy, this.#caches, ram, query, this.#pending);
    collectRequests(this.#ack, this.#pending.switchoverAckPending);
    const owed = traced.owed === undefined || !this.#ack.devicesAsk ||
      this.#ack.pending === traced.owed;
    if (this.#pending.total === traced.total && owed) return false;
    if (owed) this.#note(pass, "sum", traced.total, this.#pending.total);
    else this.#note(pass, "sum", `${traced.owed} acks owed`, `${this.#ack.pending} acks owed`);
    return true;
  }

  /** What the devices add to a query of which only the total tells what RAM adds. */
  #devicesTotal(query: PendingQuery): number {
    const requested = this.#caches.map((cache) => cache.ackRequested);
    sumPending(this.policy, this.#caches, 0, query, this.#pending);
    for (const [at, cache] of this.#caches.entries()) cache.ackRequested = requested[at] ?? false;
    return this.#pending.total;
  }

  /** Takes in a window. Whether our threshold is another than QEMU's. */
  #closeWindow(pass: TracedPass, traced: PassWindow): boolean {
    const available = this.options.availSwitchoverBandwidth;
    const measured = isMeasured(traced);
    this.#threshold = traced.threshold;
    let ours = this.#windowOf(traced);
    if (ours.threshold !== traced.threshold) {
      // The limit can be changed while a migration runs, and only its windows say so: if they do, to the last byte.
      const limit = limitOf(traced);
      const changed = limit > 0 ? this.#windowOf(traced, limit) : ours;
      if (changed.threshold === traced.threshold) {
        this.#limitMs = limit;
        ours = changed;
      }
    }
    this.#window = ours;
    noteWindowClosed(this.#expected, ours, this.#ram);
    if (ours.threshold === traced.threshold) return false;
    // The log has whole bytes per millisecond of a bandwidth that was set: no more than a guess at the threshold.
    if (!measured && available === undefined) return false;
    this.#note(pass, "threshold", traced.threshold, ours.threshold);
    return true;
  }

  #windowOf(
    { transferred, timeSpentMs, switchoverBandwidth }: PassWindow,
    limitMs = this.#limitMs,
  ): BandwidthWindow {
    const window = createBandwidthWindow(0);
    const set = (switchoverBandwidth ?? 0) * 1000;
    const isSet = !isMeasured({ transferred, timeSpentMs, switchoverBandwidth, threshold: 0 });
    const options = { ...this.#thresholdOptions(isSet ? set : 0), downtimeLimitMs: limitMs };
    updateBandwidthWindow(this.policy, window, timeSpentMs * 1e6, transferred, options);
    return window;
  }

  #thresholdOptions(set = 0) {
    return {
      availSwitchoverBandwidth: this.options.availSwitchoverBandwidth ?? set,
      downtimeLimitMs: this.#limitMs,
    };
  }

  #note(
    pass: TracedPass,
    what: ReplayDifference["what"],
    qemu: string | number,
    ours: string | number,
  ): void {
    const kept = what === "asks" || what === "decides" ? this.#decisionsKept : this.#sumsKept;
    if (kept.count >= MOST_KEPT) return;
    kept.count++;
    this.differences.push({
      pass: pass.number,
      at_us: pass.at_us,
      what,
      qemu,
      ours,
      total_bytes: (pass.exact ?? pass.estimate).total,
      threshold_bytes: this.#threshold,
    });
  }
}

/** Whether the threshold was made of the measured bandwidth: 0 is "none set" up to 11.0, 11.1 has what it used. */
function isMeasured({ transferred, timeSpentMs, switchoverBandwidth }: PassWindow): boolean {
  return switchoverBandwidth === undefined || switchoverBandwidth === 0 ||
    Math.abs(Math.trunc(transferred / timeSpentMs) - switchoverBandwidth) <= 1;
}

/** The downtime limit that a window's threshold speaks of; 0 where it says nothing. */
function limitOf(window: PassWindow): number {
  const { transferred, timeSpentMs, threshold, switchoverBandwidth } = window;
  const bytesPerMs = isMeasured(window) ? transferred / timeSpentMs : switchoverBandwidth ?? 0;
  return bytesPerMs > 0 ? Math.round(threshold / bytesPerMs) : 0;
}
