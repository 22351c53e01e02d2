import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  boundsBetween,
  boundsOfBoth,
  boundsOfPings,
  NO_BOUNDS,
  offsetOf,
  type Ping,
  SAME_CLOCK,
} from "./clock_bounds.ts";

/** A ping that took so long there and back, of a clock that is ahead by `offset`. */
function pingOf(offset: number, sent: number, there: number, in_: number, back: number): Ping {
  return {
    sent_ns: sent,
    received_ns: sent + there + offset,
    answered_ns: sent + there + in_ + offset,
    back_ns: sent + there + in_ + back,
  };
}

Deno.test("whatever either way took, the offset lies between the bounds", () => {
  const time = fc.integer({ min: 0, max: 1e9 });
  fc.assert(fc.property(
    fc.integer({ min: -1e15, max: 1e15 }),
    fc.array(fc.tuple(time, time, time, time), { minLength: 1, maxLength: 20 }),
    (offset, ways) => {
      const pings = ways.map(([sent, there, in_, back]) => pingOf(offset, sent, there, in_, back));
      const { least_ns, most_ns } = boundsOfPings(pings);
      assert(least_ns <= offset && offset <= most_ns);
      const { offset_ns, uncertainty_ns } = offsetOf({ least_ns, most_ns });
      assert(Math.abs(offset_ns - offset) <= uncertainty_ns);
      // Never worse than the quickest alone.
      const quickest = Math.min(...ways.map(([, there, , back]) => there + back));
      assert(uncertainty_ns <= quickest / 2);
    },
  ));
});

Deno.test("between two moments a clock may drift: what holds lies between what held at both", () => {
  const before = { least_ns: 90, most_ns: 110 };
  const after = { least_ns: 130, most_ns: 140 };
  assertEquals(boundsBetween(before, after), { least_ns: 90, most_ns: 140 });
});

Deno.test("bounds that contradict each other are none", () => {
  assertEquals(boundsOfBoth({ least_ns: 0, most_ns: 10 }, { least_ns: 5, most_ns: 20 }), {
    least_ns: 5,
    most_ns: 10,
  });
  assertEquals(boundsOfBoth({ least_ns: 0, most_ns: 10 }, { least_ns: 11, most_ns: 20 }), null);
  assertEquals(boundsOfBoth(NO_BOUNDS, SAME_CLOCK), SAME_CLOCK);
});

Deno.test("with no bounds nothing is known", () => {
  assertEquals(offsetOf(boundsOfPings([])), { offset_ns: 0, uncertainty_ns: Infinity });
});
