import { assertEquals } from "@std/assert";
import { POLICIES, type PolicyName } from "../policy/mod.ts";
import type { Answer, Pass, Query, Trace } from "../policy/testdata/trace.ts";
import { DecisionReplay, type ReplayOptions } from "./replay.ts";
import type { PassAnswer, PassQuery, TracedPass } from "./traced_pass.ts";

const OPTIONS: ReplayOptions = {
  switchoverAck: false,
  switchoverAckLegacy: false,
  downtimeLimitMs: undefined,
  availSwitchoverBandwidth: undefined,
};

const NO_ANSWER: PassAnswer = {
  stop: undefined,
  initial: undefined,
  dirty: undefined,
  reinit: false,
};

/** A device that announced 100 initial bytes of 500. */
function begun(name: PolicyName, options: Partial<ReplayOptions> = {}): DecisionReplay {
  const replay = new DecisionReplay(POLICIES[name], { ...OPTIONS, ...options });
  replay.begin([{
    supportsPrecopy: true,
    inPrecopy: true,
    precopyInfoV2: true,
    answer: { stop: 500, initial: 100, dirty: 0, reinit: false },
  }]);
  return replay;
}

function query(total: number, more: Partial<PassQuery> = {}): PassQuery {
  return { ram: undefined, total, requests: undefined, owed: undefined, caches: [], ...more };
}

/** A pass with 1000 bytes of RAM, as 9.2 would log it, in which nothing is decided. */
function pass(more: Partial<TracedPass> = {}): TracedPass {
  return {
    number: 1,
    at_us: null,
    window: undefined,
    acksBefore: 0,
    acksAmid: 0,
    guestRunning: true,
    estimate: query(1100, { ram: 1000 }),
    exact: undefined,
    answers: [],
    dirtyPagesRate: undefined,
    then: "iterate",
    reads: [],
    ...more,
  };
}

/** 100 ms that moved so much that 2000 bytes fit in 300 ms of downtime. */
const WINDOW = { transferred: 667, timeSpentMs: 100, threshold: 2001, switchoverBandwidth: 0 };
const EXACT = {
  exact: query(1500, { ram: 1000 }),
  answers: [{ stop: 500, initial: 100, dirty: 0, reinit: false }],
};

Deno.test("a pass in which QEMU did as our rules say differs in nothing", () => {
  const replay = begun("qemu-9.2");
  replay.pass(pass());
  replay.pass(pass({ number: 2, window: WINDOW, ...EXACT, then: "complete" }));
  assertEquals([replay.passes, replay.differing, replay.sumsDiffering], [2, 0, 0]);
  assertEquals(replay.differences, []);
});

Deno.test("a query that was not asked, and a switchover that was not made, are told", () => {
  const replay = begun("qemu-9.2");
  replay.pass(pass({ window: WINDOW }));
  assertEquals([replay.differing, replay.sumsDiffering], [1, 0]);
  assertEquals(replay.differences.map(({ what, qemu, ours }) => [what, qemu, ours]), [
    ["asks", "no", "yes"],
    // Without the exact total ours goes by the cheap one, as QEMU did.
    ["decides", "iterate", "complete"],
  ]);
});

Deno.test("with switchover-ack the guest is not stopped before the ack, and a paused one is", () => {
  const waits = begun("qemu-9.2", { switchoverAck: true });
  waits.pass(pass({ window: WINDOW, ...EXACT, then: "iterate" }));
  waits.pass(pass({ number: 2, acksBefore: 1, ...EXACT, then: "complete" }));
  assertEquals(waits.differing, 0);
  const paused = begun("qemu-9.2", { switchoverAck: true });
  paused.pass(pass({
    window: WINDOW,
    guestRunning: false,
    estimate: query(1000, { ram: 1000 }),
    ...EXACT,
    then: "complete",
  }));
  assertEquals(paused.differing, 0);
});

Deno.test("an ack amid the queries of a pass may have come before the gate or after it", () => {
  for (const then of ["iterate", "complete"] as const) {
    const replay = begun("qemu-9.2", { switchoverAck: true });
    replay.pass(pass({ window: WINDOW, ...EXACT, acksAmid: 1, then }));
    assertEquals(replay.differing, 0, then);
  }
});

Deno.test("another sum is told, and is no other decision by itself", () => {
  const replay = begun("qemu-8.1");
  replay.pass(pass({ window: WINDOW, ...EXACT, then: "complete" }));
  assertEquals([replay.differing, replay.sumsDiffering], [0, 1]);
  assertEquals(replay.differences.map(({ what, qemu, ours }) => [what, qemu, ours]), [
    ["sum", 1500, 1600],
  ]);
});

Deno.test("a downtime limit that was changed is told from the window that took it", () => {
  const replay = begun("qemu-9.2", { downtimeLimitMs: 300 });
  replay.pass(pass({ window: { ...WINDOW, threshold: 667 }, then: "iterate" }));
  assertEquals([replay.downtimeLimitMs, replay.sumsDiffering], [100, 0]);
  // No whole number of milliseconds makes this one.
  replay.pass(pass({ number: 2, window: { ...WINDOW, threshold: 703 } }));
  assertEquals([replay.downtimeLimitMs, replay.sumsDiffering], [100, 1]);
  assertEquals(replay.differences.at(-1)?.what, "threshold");
});

Deno.test("at most a hundred differences of each kind are kept, and all are counted", () => {
  const replay = begun("qemu-8.1");
  for (let number = 1; number <= 150; number++) {
    replay.pass(pass({ number, window: WINDOW, ...EXACT, then: "iterate" }));
  }
  assertEquals([replay.differing, replay.sumsDiffering], [150, 150]);
  assertEquals(replay.differences.length, 200);
});

function answerOf({ stop, initial, dirty, reinit }: Answer): PassAnswer {
  return { stop, initial, dirty, reinit: reinit === 1 };
}

function queryOf({ ram, total, requests, owed }: Query): PassQuery {
  return query(total, { ram, requests, owed });
}

function tracedPass(one: Pass, at: number): TracedPass {
  const { window } = one;
  return pass({
    number: at + 1,
    window: window === undefined ? undefined : {
      transferred: window.transferred,
      timeSpentMs: window.time_ms,
      threshold: window.max_size,
      switchoverBandwidth: window.switchover_bw,
    },
    acksBefore: one.acks ?? 0,
    estimate: queryOf(one.estimate),
    exact: one.exact === undefined ? undefined : queryOf(one.exact),
    answers: one.exact === undefined ? [] : [answerOf(one.exact.answer)],
    dirtyPagesRate: one.exact?.dirty_pages_rate,
    then: one.then,
    reads: [one.turn?.read],
  });
}

for (const { name } of Deno.readDirSync(new URL("../policy/testdata/", import.meta.url))) {
  if (!name.endsWith(".json")) continue;
  Deno.test(`${name}: our policy decides as the QEMU that was traced`, () => {
    const url = new URL(`../policy/testdata/${name}`, import.meta.url);
    const trace: Trace = JSON.parse(Deno.readTextFileSync(url));
    const replay = new DecisionReplay(
      POLICIES[trace.qemu === "10.0" ? "qemu-9.2" : "qemu-11.1"],
      { ...OPTIONS, switchoverAck: trace.switchover_ack },
    );
    replay.begin([{
      supportsPrecopy: true,
      inPrecopy: true,
      precopyInfoV2: true,
      answer: { ...NO_ANSWER, ...answerOf(trace.setup) },
    }]);
    for (const [at, one] of trace.passes.entries()) replay.pass(tracedPass(one, at));
    assertEquals(replay.passes, trace.passes.length);
    assertEquals([replay.differing, replay.sumsDiffering, replay.differences], [0, 0, []]);
  });
}
