import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { beginWork, createAdapter } from "./adapter.ts";
import { addEvent, createEventQueue, takeEvent } from "./event_queue.ts";

/** When works that begin and take so long alone end. */
function play(contention: number, works: readonly [number, number][]): number[] {
  const queue = createEventQueue();
  const adapter = createAdapter(contention);
  const ends: number[] = works.map(() => -1);
  for (const [i, [beginNs, aloneNs]] of works.entries()) {
    addEvent(queue, beginNs, () => {
      beginWork(adapter, queue, beginNs, aloneNs, (nowNs) => ends[i] = nowNs);
    });
  }
  for (let event = takeEvent(queue); event !== undefined; event = takeEvent(queue)) event.happen();
  return ends;
}

Deno.test("alone a work takes its time, whatever the contention", () => {
  assertEquals(play(3, [[10, 100], [200, 50]]), [110, 250]);
});

Deno.test("works at once slow each other, and only while they are at once", () => {
  assertEquals(play(0, [[0, 100], [50, 100]]), [100, 150]);
  // 50 alone, then the two at half speed until the first has had its 100, then the second alone.
  assertEquals(play(1, [[0, 100], [50, 100]]), [150, 200]);
  assertEquals(play(1, [[0, 100], [0, 100]]), [200, 200]);
  assertEquals(play(0.5, [[0, 100], [0, 100], [0, 100]]), [200, 200, 200]);
});

Deno.test("a work of no time is done at once", () => {
  assertEquals(play(1, [[5, 0], [5, 10]]), [5, 15]);
});

Deno.test("at contention 1 the adapter does as much as alone: it is never idle and never faster", () => {
  const work = fc.tuple(fc.constant(0), fc.integer({ min: 1, max: 1000 }));
  fc.assert(fc.property(fc.array(work, { minLength: 1, maxLength: 8 }), (works) => {
    const last = Math.max(...play(1, works));
    const sum = works.reduce((total, [, aloneNs]) => total + aloneNs, 0);
    assertAlmostEquals(last, sum, 1e-6);
  }));
});
