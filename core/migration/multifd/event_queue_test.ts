import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addEvent, createEventQueue, takeEvent } from "./event_queue.ts";

Deno.test("events come by time, and at the same time in the order in which they were added", () => {
  fc.assert(fc.property(fc.array(fc.nat(20)), fc.nat(10), (times, takenBetween) => {
    const queue = createEventQueue();
    const happened: [number, number][] = [];
    const take = () => {
      const event = takeEvent(queue);
      event?.happen();
      return event !== undefined;
    };
    // Some are taken before all are added: those after must still be in order.
    const half = times.length >> 1;
    for (const [i, at] of times.slice(0, half).entries()) {
      addEvent(queue, at, () => happened.push([at, i]));
    }
    let taken = 0;
    while (taken < takenBetween && take()) taken++;
    for (const [i, at] of times.slice(half).entries()) {
      addEvent(queue, at, () => happened.push([at, half + i]));
    }
    while (take());
    const byTime = (a: [number, number], b: [number, number]) => a[0] - b[0] || a[1] - b[1];
    const first = happened.slice(0, taken);
    const rest = happened.slice(taken);
    assertEquals(first, first.toSorted(byTime));
    assertEquals(rest, rest.toSorted(byTime));
    assertEquals(happened.length, times.length);
    assertEquals(takeEvent(queue), undefined);
  }));
});
