import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { events, goodTrial } from "./testdata/runs.ts";
import { thinned } from "./thinned.ts";
import { timelineSeries } from "./timeline_series.ts";

Deno.test("lines and marks are made of a trial's events", () => {
  const { pending, transferred, marks, points_left_out, marks_left_out } = timelineSeries(
    goodTrial(0, 0, 80),
    events(0, 0),
    100,
  );
  assertEquals(pending, {
    t_ms: [100, 200, 300],
    pending_bytes: [2 ** 22, 2 ** 20, 0],
    threshold_bytes: [2 ** 19, 2 ** 19, 2 ** 19],
  });
  // The sum of the windows, then what the device gave, at last all there was.
  assertEquals(transferred, {
    t_ms: [0, 100, 200, 370, 381],
    bytes: [0, 2 ** 20, 2 ** 21, 2 ** 21 + 2 ** 19, 3 * 2 ** 20],
  });
  assertEquals(marks.map(({ event, device }) => [event, device]), [
    ["init_data_sent", "nic0"],
    ["reinit", "nic0"],
    ["switchover_acked", ""],
    ["paused", ""],
    ["switchover", ""],
    ["running", ""],
  ]);
  assertEquals([points_left_out, marks_left_out], [0, 0]);
});

Deno.test("what is too much to draw is left out, and counted", () => {
  const trial = goodTrial(0, 0, 80);
  const many = Array.from({ length: 5000 }, (_, i) => ({
    case: 0,
    trial: 0,
    t_ms: i,
    event: i % 2 === 0 ? "window" : "switchover_acked",
    ...(i % 2 === 0 ? { pending_bytes: i, threshold_bytes: 1, transferred_bytes: 1 } : {}),
  }));
  const made = timelineSeries(trial, many, 100);
  assert(made.pending.t_ms.length <= 100);
  assertEquals(made.points_left_out, 2500 - made.pending.t_ms.length);
  assertEquals([made.marks.length, made.marks_left_out], [120, 2500 - 120]);
  assertEquals([made.marks[0]?.t_ms, made.marks.at(-1)?.t_ms], [1, 4999]);
  // The sum is of all windows, also of those that are not drawn.
  assertEquals(made.transferred.bytes.at(-1), 2500);
});

Deno.test("thinning keeps the ends, the least and the largest, in order, and not too many", () => {
  const list = fc.array(fc.integer(), { minLength: 1, maxLength: 400 });
  fc.assert(fc.property(list, fc.integer({ min: 4, max: 100 }), (values, points) => {
    const kept = thinned(values, points);
    const of = kept.map((at) => values[at] ?? 0);
    assert(kept.length <= Math.max(points, 4));
    assert(kept.every((at, i) => i === 0 || at > (kept[i - 1] ?? 0)));
    assertEquals([kept[0], kept.at(-1)], [0, values.length - 1]);
    assertEquals([Math.min(...of), Math.max(...of)], [Math.min(...values), Math.max(...values)]);
  }));
});
