/**
 * The rules against real migrations: given what the devices answered and RAM held, they must sum up, ask and
 * decide as the QEMU did that was traced, in every pass.
 */

import { assert, assertEquals } from "@std/assert";
import type { PrecopyInfo } from "../../vfio/mod.ts";
import { createBandwidthWindow, updateBandwidthWindow } from "../bandwidth_window.ts";
import {
  createExpectedDowntime,
  expectedDowntimeMs,
  noteExactTotal,
  noteWindowClosed,
} from "../expected_downtime.ts";
import { quotaPerWindow, rateExceeded, rateLimitWaitNs } from "../rate_limit.ts";
import {
  canSwitchover,
  collectRequests,
  createSourceAck,
  finalQueryError,
  receiveAck,
} from "../switchover_ack.ts";
import {
  applyDataSize,
  applyFinalPrecopyInfo,
  applyPrecopyInfo,
  applyRead,
  createPending,
  createPendingCache,
  decide,
  ESTIMATE_QUERY,
  EXACT_QUERY,
  FINAL_QUERY,
  finalPrecopyInfoDue,
  initDataSentDue,
  needsExact,
  POLICIES,
  requestAck,
  sumPending,
} from "./mod.ts";
import type { Answer, Pass, Query, Sizes, Trace, Window } from "./testdata/trace.ts";

const MAX_BANDWIDTH = 134217728;

/** The runs, with what their traces do not say. */
const RUNS = [
  { run: "1-plain", passes: 15 },
  { run: "2-ack", passes: 14 },
  { run: "2-ack-proxy", passes: 11 },
  { run: "3-multifd-proxy", passes: 9 },
  { run: "4-file", passes: 8 },
  { run: "6-migpci64-ack-dirty", passes: 67 },
  { run: "11-mtty-ack", passes: 19 },
  { run: "11-migpci64-reinit", passes: 330, maxBandwidth: 33554432 },
];

function readTrace(run: string): Trace {
  return JSON.parse(Deno.readTextFileSync(new URL(`testdata/${run}.json`, import.meta.url)));
}

function precopyInfo({ initial, dirty, reinit }: Answer): PrecopyInfo {
  return { flags: reinit ?? 0, initialBytes: initial, dirtyBytes: dirty };
}

/** The source of one trace, as our rules play it. */
class Replay {
  readonly policy;
  readonly ackOptions;
  readonly cache;
  readonly caches;
  readonly pending = createPending();
  readonly window = createBandwidthWindow(0);
  readonly ack;
  readonly expected = createExpectedDowntime(300);
  /** What `query-migrate` could have shown so far. */
  readonly shown = new Set<string>();
  options = { availSwitchoverBandwidth: 0, downtimeLimitMs: 300 };
  nowMs = 0;
  sent = 0;
  iterations;
  ram = { dirtyPagesRate: 0, dirtyBytesLastSync: 0 };

  constructor(readonly trace: Trace, readonly quota: number) {
    this.policy = POLICIES[trace.qemu === "10.0" ? "qemu-9.2" : "qemu-11.1"];
    const counter = this.policy.iterationCounter;
    this.iterations = counter.start + Number(counter.setupSync);
    this.ackOptions = { capability: trace.switchover_ack, legacy: false };
    this.ack = createSourceAck(this.policy, this.ackOptions);
    this.cache = createPendingCache({ supportsPrecopy: true, precopyInfoV2: true });
    this.caches = [this.cache];
    this.cache.inPrecopy = true;
    this.answer(trace.setup);
    requestAck(this.policy, this.cache, this.ackOptions);
    this.show();
  }

  answer(answer: Answer): void {
    applyDataSize(this.policy, this.cache, 0, answer.stop ?? 0);
    applyPrecopyInfo(this.policy, this.cache, 0, precopyInfo(answer), this.ackOptions);
  }

  show(): void {
    this.shown.add(JSON.stringify({
      mbps: this.window.mbps,
      dirty_sync_count: this.iterations,
      expected_downtime_ms: expectedDowntimeMs(
        this.policy,
        this.expected,
        this.window,
        this.iterations,
        this.options,
      ),
    }));
  }

  assertCache(sizes: Sizes, message: string): void {
    const { initialBytes, dirtyBytes, stopCopyLength } = this.cache;
    assertEquals([initialBytes, dirtyBytes], [sizes.initial, sizes.dirty], message);
    if (sizes.stop !== undefined) assertEquals(stopCopyLength, sizes.stop, message);
  }

  query(traced: Query, query: typeof EXACT_QUERY, message: string): void {
    this.assertCache(traced.sizes, message);
    sumPending(this.policy, this.caches, traced.ram, query, this.pending);
    assertEquals(this.pending.total, traced.total, message);
    assertEquals(this.pending.switchoverAckPending, traced.requests ?? 0, message);
    collectRequests(this.ack, this.pending.switchoverAckPending);
    if (traced.owed !== undefined) assertEquals(this.ack.pending, traced.owed, message);
  }

  update(nowMs: number): boolean {
    return updateBandwidthWindow(this.policy, this.window, nowMs * 1e6, this.sent, this.options);
  }

  /** Closes the window as the trace says, and not a millisecond before 100. */
  closeWindow(traced: Window, message: string): void {
    this.options = { ...this.options, downtimeLimitMs: traced.downtime_limit_ms ?? 300 };
    assert(traced.time_ms >= 100, message);
    assert(!this.update(this.nowMs + 99), message);
    this.nowMs += traced.time_ms;
    assert(this.update(this.nowMs), message);
    const { transferredBytes, timeSpentMs, mbps, switchoverBytesPerMs, threshold } = this.window;
    assertEquals(transferredBytes, traced.transferred, message);
    assertEquals(threshold, traced.max_size, message);
    // The trace event's two bandwidths changed their meaning in 11.1.
    assertEquals(
      this.trace.qemu === "10.0"
        ? [Math.trunc(transferredBytes / timeSpentMs), 0]
        : [Math.trunc(mbps), Math.trunc(switchoverBytesPerMs)],
      [traced.bandwidth, traced.switchover_bw],
      message,
    );
    noteWindowClosed(this.expected, this.window, this.ram);
    this.show();
  }

  /** Plays one pass; returns what our rules asked and decided. */
  pass(pass: Pass, message: string): { exact: boolean; then: "complete" | "iterate" } {
    const { policy, cache, pending, window } = this;
    if (pass.window !== undefined) this.closeWindow(pass.window, message);
    else if (pass.window_age_us !== undefined) {
      // A millisecond of tolerance: the trace has no phase of QEMU's whole milliseconds.
      const age = Math.floor(pass.window_age_us / 1000);
      assert(!this.update(this.nowMs + age - 1), message);
    }

    for (let i = 0; i < (pass.acks ?? 0); i++) assert(receiveAck(this.ack) >= 0, message);
    this.query(pass.estimate, ESTIMATE_QUERY, message);
    const exact = needsExact(policy, pending, window.threshold);
    if (pass.exact !== undefined) {
      this.answer(pass.exact.answer);
      this.query(pass.exact, EXACT_QUERY, message);
      this.iterations += Number(policy.iterationCounter.exactQuery);
      noteExactTotal(this.expected, pending.total);
      this.ram = {
        dirtyPagesRate: pass.exact.dirty_pages_rate ?? this.ram.dirtyPagesRate,
        dirtyBytesLastSync: pass.exact.ram,
      };
      this.show();
    }
    const then = decide(policy, pending, window.threshold, canSwitchover(this.ack));

    if (pass.turn !== undefined) {
      applyRead(policy, cache, pass.turn.read);
      this.assertCache(pass.turn.left, message);
      const due = initDataSentDue(policy, cache, this.ackOptions.capability);
      if (this.trace.qemu === "11.1") assertEquals(due, pass.turn.marker === 1, message);
    }
    if (pass.sent !== undefined) this.limit(pass, pass.sent, message);
    return { exact, then };
  }

  /** A pass after which the source waited had used up the quota. */
  limit(pass: Pass, sent: number, message: string): void {
    this.sent = sent;
    if (pass.wait === undefined) return;
    assert(rateExceeded(this.quota, this.window, sent), message);
    const { ms, age_at_end_us, age_at_start_us } = pass.wait;
    const [longest, shortest] = [age_at_end_us, age_at_start_us].map((us) =>
      rateLimitWaitNs(this.window, this.nowMs * 1e6 + us * 1e3) / 1e6
    );
    // A millisecond of tolerance, as above.
    assert(shortest !== undefined && shortest - 1 <= ms, message);
    assert(longest !== undefined && ms <= longest + 1, message);
  }
}

for (const { run, passes, maxBandwidth = MAX_BANDWIDTH } of RUNS) {
  const trace = readTrace(run);
  const quota = quotaPerWindow(maxBandwidth);

  Deno.test(`QEMU ${trace.qemu}, ${run}: the same choice in each of ${passes} passes`, () => {
    const replay = new Replay(trace, quota);
    assertEquals(trace.passes.length, passes);
    trace.passes.forEach((pass, i) => {
      const message = `pass ${i}`;
      const { exact, then } = replay.pass(pass, message);
      assertEquals(exact, pass.exact !== undefined, message);
      assertEquals(then, pass.then, message);
      const next = trace.passes[i + 1];
      if (pass.sent !== undefined && pass.wait === undefined && next?.window === undefined) {
        assert(!rateExceeded(quota, replay.window, pass.sent), message);
      }
      if (pass.exact?.owed !== undefined) {
        assertEquals(replay.ack.pending, pass.exact.owed, message);
      }
    });
    assertEquals(trace.passes.at(-1)?.then, "complete");
  });

  Deno.test(`QEMU ${trace.qemu}, ${run}: query-migrate shows what the rules say`, () => {
    const replay = new Replay(trace, quota);
    trace.passes.forEach((pass, i) => replay.pass(pass, `pass ${i}`));
    assert(trace.polls !== undefined && trace.polls.length > 0);
    for (const poll of trace.polls) {
      const text = JSON.stringify(poll);
      assert(replay.shown.has(text), text);
    }
    const finalSync = Number(replay.policy.iterationCounter.finalSync);
    assertEquals(replay.iterations + finalSync, trace.dirty_sync_count);
  });

  const { final } = trace;
  if (final !== undefined) {
    Deno.test(`QEMU ${trace.qemu}, ${run}: the final query finds no new request`, () => {
      const replay = new Replay(trace, quota);
      const { policy, cache, ackOptions } = replay;
      trace.passes.forEach((pass, i) => replay.pass(pass, `pass ${i}`));
      assert(finalPrecopyInfoDue(policy, cache, ackOptions));
      applyFinalPrecopyInfo(policy, cache, 0, precopyInfo(final.check), ackOptions);
      cache.inPrecopy = false;
      replay.query(final, FINAL_QUERY, "final query");
      assertEquals(finalQueryError(replay.ack, replay.pending.switchoverAckPending), undefined);
    });
  }
}
