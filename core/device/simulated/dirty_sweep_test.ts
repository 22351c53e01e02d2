import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  advanceSweep,
  createDirtySweep,
  dirtyChunks,
  dirtyStretches,
  type DirtySweep,
  pushSweep,
  resetSweep,
  stretchOffset,
  takeStretch,
} from "./dirty_sweep.ts";

const BASE = 1000;
const CHUNK = 64;

/** What a Set of dirty chunks knows, kept beside the sweep. */
interface Model {
  readonly dirty: Set<number>;
  visits: number;
}

function visit(model: Model, chunks: number, count: number): void {
  for (let i = 0; i < count; i++) model.dirty.add(model.visits++ % chunks);
}

/** Takes one stretch out of both; every chunk in it must have been dirty. */
function take(sweep: DirtySweep, model: Model): void {
  const offset = stretchOffset(sweep);
  const length = takeStretch(sweep);
  assertEquals(length % CHUNK, 0);
  for (let at = offset; at < offset + length; at += CHUNK) {
    assertEquals(model.dirty.delete((at - BASE) / CHUNK), true, `chunk at ${at} was not dirty`);
  }
}

Deno.test("a sweep has dirty what a Set of the visited chunks has", () => {
  // One chunk a nanosecond, so that a run's length is the number of visits.
  const step = fc.oneof(
    fc.record({ kind: fc.constant("run" as const), count: fc.nat(40) }),
    fc.record({ kind: fc.constant("push" as const), count: fc.nat(40) }),
    fc.record({ kind: fc.constant("take" as const), count: fc.constant(0) }),
    fc.record({ kind: fc.constant("reset" as const), count: fc.constant(0) }),
  );
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step), (chunks, steps) => {
    const sweep = createDirtySweep(BASE, chunks * CHUNK, CHUNK, CHUNK * 1e9);
    const model: Model = { dirty: new Set(), visits: 0 };
    for (const { kind, count } of steps) {
      if (kind === "run") {
        assertEquals(advanceSweep(sweep, count), count);
        visit(model, chunks, count);
      } else if (kind === "push") {
        assertEquals(pushSweep(sweep, count), count);
        visit(model, chunks, count);
      } else if (kind === "take") {
        take(sweep, model);
      } else {
        resetSweep(sweep);
        model.dirty.clear();
        model.visits = 0;
      }
      assertEquals(dirtyChunks(sweep), model.dirty.size);
    }
    const stretches = dirtyStretches(sweep);
    for (let i = 0; i < stretches; i++) take(sweep, model);
    assertEquals([dirtyChunks(sweep), dirtyStretches(sweep), model.dirty.size], [0, 0, 0]);
    assertEquals(takeStretch(sweep), 0);
  }));
});

Deno.test("a sweep keeps the fractions of its runs", () => {
  const sweep = createDirtySweep(0, 10 * CHUNK, CHUNK, CHUNK * 1e9);
  let visits = 0;
  for (let i = 0; i < 10; i++) visits += advanceSweep(sweep, 0.25);
  assertEquals(visits, 2);
  assertAlmostEquals(sweep.ranNs, 2.5);
});

Deno.test("a sweep leaves out what is no whole chunk, and has at least one", () => {
  assertEquals(createDirtySweep(0, 3 * CHUNK + 1, CHUNK, 0).chunks, 3);
  assertEquals(createDirtySweep(0, 0, CHUNK, 0).chunks, 1);
});

Deno.test("a sweep without a rate dirties nothing", () => {
  const sweep = createDirtySweep(0, CHUNK, CHUNK, 0);
  assertEquals(advanceSweep(sweep, 1e12), 0);
  assertEquals(dirtyStretches(sweep), 0);
});
