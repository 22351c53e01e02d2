import { MESSAGE, REPLY, type Reply } from "../channel/message.ts";
import { deadlineNs, noteStride, passesAhead, ramBuffers, windowEndNs } from "./bulk.ts";
import { updateBandwidthWindow } from "./bandwidth_window.ts";
import { noteExactTotal, noteWindowClosed } from "./expected_downtime.ts";
import { MigrationError, must, mustOnChannel, reasonFailure } from "./migration_error.ts";
import { decide, ESTIMATE_QUERY, EXACT_QUERY, needsExact } from "./policy/mod.ts";
import { queryExact, sumQuery } from "./query.ts";
import { RATE_LIMIT_OFF, rateExceeded, rateLimitWaitNs } from "./rate_limit.ts";
import { sendMessage } from "./send.ts";
import {
  cancelled,
  isCancelled,
  isPast,
  note,
  sentBytes,
  type SourceRun,
  thresholdOptions,
} from "./source_run.ts";
import { pauseGuest } from "./stop_guest.ts";
import { canSwitchover, receiveAck } from "./switchover_ack.ts";
import { trace } from "./trace.ts";
import { PASS_SIZE } from "../wire/encode_vfio.ts";
import { whyNot } from "./why_not.ts";

/** RAM's turn in a pass ends after this long (facts: checked every 64 pages). */
const RAM_SLICE_NS = 50e6;

/** Iterates until the policy decides to switch over; throws where that does not come about. */
export function iteratePrecopy(run: SourceRun): void {
  const { clock } = run;
  run.phase = "precopy";
  const endNs = deadlineNs(run);
  const { precopyMs = 0 } = run.options;
  const heldUntilNs = precopyMs === 0 ? 0 : clock.nowNs() + precopyMs * 1e6;
  for (;;) {
    run.onPlace?.("precopy");
    if (isCancelled(run)) throw cancelled("precopy");
    if (run.ack.guestRunning && isPast(run, run.options.guestPausedAtMs)) pauseGuest(run);
    if (!isRateExceeded(run) && pass(run, heldUntilNs)) return;
    let nowNs = clock.nowNs();
    // Looked at in full only about when it is due: the clock is read once for a buffer, and its time not handed around.
    if (nowNs >= windowEndNs(run) - 1) closeWindow(run);
    if (isRateExceeded(run)) {
      clock.sleepNs(rateLimitWaitNs(run.window, clock.nowNs()));
      nowNs = clock.nowNs();
    }
    if (nowNs > endNs) {
      throw new MigrationError(
        reasonFailure(
          `Cannot switch over within ${run.options.maxTimeMs} ms: ${whyNot(run)}`,
          "precopy",
        ),
      );
    }
  }
}

/** One pass: query, decide, and send where the decision is to go on. Whether it is time to switch over. */
function pass(run: SourceRun, heldUntilNs: number): boolean {
  const { policy, pending, window } = run;
  run.passes++;
  run.clock.sleepNs(run.costs.passNs);
  takeReplies(run);
  for (const d of run.sourceDevices) d.handlers.estimate(run, d);
  sumQuery(run, ESTIMATE_QUERY);
  const exact = needsExact(policy, pending, window.threshold);
  if (exact) {
    queryExact(run);
    sumQuery(run, EXACT_QUERY);
    noteExactTotal(run.expected, pending.total);
  }
  const gate = canSwitchover(run.ack) && (heldUntilNs === 0 || run.clock.nowNs() >= heldUntilNs);
  if (decide(policy, pending, window.threshold, gate) === "complete") return true;
  // The next pass asks again where this one did.
  const passes = exact ? 1 : passesAhead(run);
  // Where bytes move a pass is one pass, whatever it takes.
  const isBulk = run.sender.bulk !== null;
  const beganNs = isBulk ? run.clock.nowNs() : 0;
  iterate(run, passes);
  run.passes += passes - 1;
  if (isBulk) noteStride(run.passStride, passes, run.clock.nowNs() - beganNs);
  return false;
}

/** Everybody's turn, in registration order: RAM first, then each device one buffer; for so many passes. */
function iterate(run: SourceRun, passes: number): void {
  if (run.onTrace) trace(run, { step: "iterate" });
  const ramFinished = ramTurn(run, passes);
  // Before 9.0 a handler that had more to send kept the later ones from their turn.
  if (run.policy.iterateBlocksUntilFinished && !ramFinished) return;
  for (const d of run.sourceDevices) {
    if (isRateExceeded(run)) return;
    if (!d.cache.inPrecopy) continue;
    if (run.onTrace) trace(run, { step: "turn", device: d.id });
    const finished = d.handlers.iterate(run, d, passes);
    if (run.onTrace) trace(run, { step: "turn-over", device: d.id, finished });
    if (run.policy.iterateBlocksUntilFinished && !finished) return;
  }
}

function ramTurn(run: SourceRun, passes: number): boolean {
  if (run.ram === null || !run.onTrace || isRateExceeded(run)) return iterateRam(run, passes);
  trace(run, { step: "turn", device: null });
  const finished = iterateRam(run, passes);
  trace(run, { step: "turn-over", device: null, finished });
  return finished;
}

/**
 * RAM sends until the quota is used up, nothing is dirty, or its slice is over. Whether nothing is left. Several passes
 * go at once only where nothing is dirty.
 */
function iterateRam(run: SourceRun, passes: number): boolean {
  const { ram, clock } = run;
  if (ram === null) return true;
  const endNs = clock.nowNs() + RAM_SLICE_NS;
  const before = run.ramBytes;
  while (!isRateExceeded(run)) {
    const beganNs = clock.nowNs();
    const buffers = ramBuffers(run, endNs - beganNs);
    if (!sendRam(run, buffers)) {
      if (run.ramBytes === before) run.emptySectionBytes += passes * PASS_SIZE;
      return true;
    }
    noteStride(run.ramStride, buffers, clock.nowNs() - beganNs);
    if (clock.nowNs() > endNs) return false;
  }
  return false;
}

/** Sends one buffer of RAM, or several at once; false where nothing is left. */
export function sendRam(run: SourceRun, buffers: number): boolean {
  const { ram, sender } = run;
  if (ram === null) return false;
  const region = sender.claim();
  const n = must(ram.read(region, sender.capacity * buffers), "read", "RAM", run.phase, "read");
  if (n === 0) return false;
  run.ramBytes += n;
  sendMessage(run, MESSAGE.RAM, 0, n, buffers);
  return true;
}

const reply: Reply = { kind: 0, value: 0 };

/** Takes in what the destination has answered by now. */
function takeReplies(run: SourceRun): void {
  if (run.ack.pending === 0 || !run.ack.capability) return;
  for (;;) {
    const got = mustOnChannel(run.sender, run.sender.pollReply(reply), "read replies", "precopy");
    if (got === 0) return;
    if (reply.kind === REPLY.SWITCHOVER_ACK) {
      must(receiveAck(run.ack), "take an ack nobody waits for", null, "precopy", "SWITCHOVER_ACK");
      note(run, "switchover_acked", undefined, { pending: run.ack.pending });
      if (run.onTrace) trace(run, { step: "acked", pendingAcks: run.ack.pending });
    } else {
      throw new MigrationError(
        reasonFailure("The destination gave up while data were still being sent", "precopy"),
      );
    }
  }
}

function closeWindow(run: SourceRun): void {
  const { policy, window, clock } = run;
  const limits = thresholdOptions(run);
  if (!updateBandwidthWindow(policy, window, clock.nowNs(), sentBytes(run), limits)) return;
  noteWindowClosed(run.expected, window, run.ramSync);
  if (run.onTrace) traceWindow(run);
  note(run, "window", undefined, {
    transferred_bytes: window.transferredBytes,
    threshold_bytes: window.threshold,
    pending_bytes: run.pending.total,
  });
}

function traceWindow(run: SourceRun): void {
  const { transferredBytes, timeSpentMs, mbps, switchoverBytesPerMs, threshold } = run.window;
  const { availSwitchoverBandwidth } = run.options;
  trace(run, {
    step: "window",
    transferredBytes,
    timeSpentMs,
    mbps,
    switchoverBytesPerMs,
    availSwitchoverBandwidth,
    threshold,
  });
  trace(run, { step: "transferred", mainBytes: run.sender.transferred(), multifdBytes: 0 });
}

function isRateExceeded(run: SourceRun): boolean {
  return run.quota !== RATE_LIMIT_OFF && rateExceeded(run.quota, run.window, sentBytes(run));
}
