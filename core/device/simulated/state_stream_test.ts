import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareImages } from "../compare_images.ts";
import { ERRNO, ftruncate, lseek, type Region, regionOf, SEEK } from "../../libc/mod.ts";
import { RECORD_HEADER_SIZE } from "./record.ts";
import {
  beginLoading,
  createStateLoader,
  loadedWhole,
  loadStream,
  type StateLoader,
} from "./state_loader.ts";
import { closeStateMemory, type StateMemory } from "./state_memory.ts";
import {
  beginPrecopy,
  beginStopCopy,
  createStateStream,
  dirtyBytes,
  fullBytes,
  initialBytes,
  readStream,
  reinitialize,
  runGuest,
  type StateStream,
  stopCopyBytes,
} from "./state_stream.ts";
import { memoryOf } from "./testdata/memory.ts";

/** What happens to a stream before it is stopped. */
type Step =
  | { readonly do: "read"; readonly length: number }
  | { readonly do: "run"; readonly ns: number }
  | { readonly do: "reinit"; readonly length: number; readonly asInitial: boolean };

interface Plan {
  readonly size: number;
  readonly precopySize: number;
  readonly chunkSize: number;
  readonly dirtySpan: number;
  readonly precopied: boolean;
  readonly steps: readonly Step[];
  /** How much is read at a time once stopped, and written at a time; round and round. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

const MAX_SIZE = 20_000;
const segments = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 8 });

const plans: fc.Arbitrary<Plan> = fc.nat(MAX_SIZE).chain((size) =>
  fc.record({
    size: fc.constant(size),
    precopySize: fc.oneof(fc.constant(size), fc.nat(size)),
    chunkSize: fc.constantFrom(3, 100, 1024, 4096),
    dirtySpan: fc.oneof(fc.constant(0), fc.nat(size)),
    precopied: fc.boolean(),
    steps: fc.array(fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant("read" as const), length: fc.nat(9000) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("run" as const), ns: fc.nat(40_000) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("reinit" as const),
          length: fc.nat(2 * MAX_SIZE),
          asInitial: fc.boolean(),
        }),
      },
    )),
    reads: segments,
    writes: segments,
  })
);

function streamOf(plan: Plan, memory: StateMemory | null): StateStream {
  const { size, precopySize, chunkSize, dirtySpan, precopied } = plan;
  // A byte a nanosecond.
  const stream = createStateStream({
    memory,
    size,
    precopySize,
    chunkSize,
    dirtySpan,
    dirtyRate: 1e9,
  });
  if (precopied) beginPrecopy(stream);
  else beginStopCopy(stream);
  return stream;
}

function sizesOf(stream: StateStream): Record<string, number> {
  return {
    initialBytes: initialBytes(stream),
    dirtyBytes: dirtyBytes(stream),
    stopCopyBytes: stopCopyBytes(stream),
    streamed: stream.streamed,
  };
}

/** Applies a step; checks that a read takes from the sizes what it gives, initial data first. */
function take(stream: StateStream, step: Step, region: Region | null, out: number[]): void {
  if (step.do === "run") return runGuest(stream, step.ns);
  if (step.do === "reinit") return reinitialize(stream, step.length, step.asInitial);
  const before = { initial: initialBytes(stream), all: initialBytes(stream) + dirtyBytes(stream) };
  const stopCopyBefore = stopCopyBytes(stream);
  const n = readStream(stream, region, step.length, false);
  assertEquals(n, Math.min(step.length, before.all));
  assertEquals(initialBytes(stream), Math.max(0, before.initial - n));
  assertEquals(initialBytes(stream) + dirtyBytes(stream), before.all - n);
  assertEquals(stopCopyBytes(stream), stopCopyBefore - n);
  if (region !== null) out.push(...region.bytes.subarray(0, n));
}

/** Reads what is left of a stopped stream; returns how much that was. */
function drain(
  stream: StateStream,
  lengths: readonly number[],
  region: Region | null,
  out: number[],
): number {
  let sum = 0;
  for (let i = 0;; i++) {
    const n = readStream(stream, region, lengths[i % lengths.length] ?? 1, true);
    assert(n >= 0);
    if (n === 0) return sum;
    sum += n;
    if (region !== null) out.push(...region.bytes.subarray(0, n));
  }
}

function load(
  loader: StateLoader,
  stream: Uint8Array<ArrayBuffer> | number,
  lengths: readonly number[],
): void {
  const region = typeof stream === "number" ? null : regionOf(stream.buffer);
  const total = typeof stream === "number" ? stream : stream.length;
  let done = 0;
  for (let i = 0; done < total; i++) {
    assertEquals(loadedWhole(loader), false);
    const length = Math.min(lengths[i % lengths.length] ?? 1, total - done);
    assertEquals(loadStream(loader, region, done, length), length);
    done += length;
  }
  assertEquals(loadedWhole(loader), true);
}

Deno.test("however a state is dirtied, read and written, the destination gets its bytes", () => {
  const region = regionOf(new ArrayBuffer(9000));
  fc.assert(fc.property(plans, (plan) => {
    const from = memoryOf(plan.size, 1);
    const to = memoryOf(plan.size, 2);
    try {
      const stream = streamOf(plan, from);
      const out: number[] = [];
      // Without precopy the guest does not run.
      for (const step of plan.precopied ? plan.steps : []) take(stream, step, region, out);
      const announced = stopCopyBytes(stream);
      assertEquals(drain(stream, plan.reads, region, out), announced);
      assertEquals(stopCopyBytes(stream), 0);
      assertEquals(stream.streamed, out.length);

      const loader = createStateLoader(to, plan.size);
      beginLoading(loader);
      load(loader, Uint8Array.from(out), plan.writes);
      const image = (memory: StateMemory) => ({ fd: memory.fd, length: memory.size });
      assertEquals(compareImages(image(from), image(to)), -1);
      // The guest's writes stay inside the state.
      assertEquals(lseek(from.fd, 0, SEEK.SEEK_END), plan.size);
    } finally {
      closeStateMemory(from);
      closeStateMemory(to);
    }
  }));
});

Deno.test("without memory the sizes are the same, and the loader follows the header log", () => {
  const region = regionOf(new ArrayBuffer(9000));
  fc.assert(fc.property(plans, (plan) => {
    const memory = memoryOf(plan.size, 1);
    try {
      const real = streamOf(plan, memory);
      const bare = streamOf(plan, null);
      for (const step of plan.precopied ? plan.steps : []) {
        take(real, step, region, []);
        take(bare, step, null, []);
        assertEquals(sizesOf(bare), sizesOf(real));
      }
      assertEquals(drain(bare, plan.reads, null, []), drain(real, plan.reads, region, []));
      assertEquals(sizesOf(bare), sizesOf(real));
      const loader = createStateLoader(null, plan.size, bare.headerLog);
      beginLoading(loader);
      load(loader, bare.streamed, plan.writes);
      assertEquals(bare.headerLog, []);
    } finally {
      closeStateMemory(memory);
    }
  }));
});

Deno.test("what a session without precopy reads is what fullBytes says", () => {
  for (const [size, precopySize] of [[0, 0], [1000, 0], [1000, 400], [1000, 1000]] as const) {
    const stream = createStateStream({
      memory: null,
      size,
      precopySize,
      chunkSize: 100,
      dirtyRate: 0,
      dirtySpan: 0,
    });
    beginStopCopy(stream);
    assertEquals(stopCopyBytes(stream), fullBytes(stream));
    assertEquals(drain(stream, [64], null, []), fullBytes(stream));
  }
});

Deno.test("precopy begins with initial data and nothing dirty, and comes to its end for now", () => {
  const stream = createStateStream({
    memory: null,
    size: 1000,
    precopySize: 600,
    chunkSize: 100,
    dirtyRate: 1e9,
    dirtySpan: 0,
  });
  beginPrecopy(stream);
  assertEquals([initialBytes(stream), dirtyBytes(stream)], [624, 0]);
  assertEquals(readStream(stream, null, 10_000, false), 624);
  assertEquals(readStream(stream, null, 10_000, false), 0);
  runGuest(stream, 250);
  assertEquals([initialBytes(stream), dirtyBytes(stream)], [0, 2 * 100 + RECORD_HEADER_SIZE]);
});

Deno.test("a reinit as initial leaves nothing dirty, one as dirty leaves initial data alone", () => {
  for (const asInitial of [true, false]) {
    const stream = createStateStream({
      memory: null,
      size: 1000,
      precopySize: 1000,
      chunkSize: 100,
      dirtyRate: 1e9,
      dirtySpan: 0,
    });
    beginPrecopy(stream);
    readStream(stream, null, 524, false);
    runGuest(stream, 200);
    reinitialize(stream, 300, asInitial);
    const sizes = [initialBytes(stream), dirtyBytes(stream)];
    assertEquals(sizes, asInitial ? [500 + 224 + 324, 0] : [500, 224 + 324]);
  }
});

Deno.test("a new session begins with an empty header log", () => {
  const stream = createStateStream({
    memory: null,
    size: 1000,
    precopySize: 1000,
    chunkSize: 100,
    dirtyRate: 0,
    dirtySpan: 0,
  });
  const loader = createStateLoader(null, 1000, stream.headerLog);
  beginPrecopy(stream);
  readStream(stream, null, 100, false);
  beginStopCopy(stream);
  beginLoading(loader);
  load(loader, drain(stream, [333], null, []), [50]);
});

Deno.test("a read that meets missing memory gives what it had, then EIO", () => {
  const memory = memoryOf(1000, 1);
  try {
    const stream = createStateStream({
      memory,
      size: 1000,
      precopySize: 1000,
      chunkSize: 100,
      dirtyRate: 0,
      dirtySpan: 0,
    });
    beginPrecopy(stream);
    ftruncate(memory.fd, 600);
    const region = regionOf(new ArrayBuffer(2000));
    assertEquals(readStream(stream, region, 2000, false), RECORD_HEADER_SIZE + 600);
    assertEquals(readStream(stream, region, 2000, false), -ERRNO.EIO);
  } finally {
    closeStateMemory(memory);
  }
});

Deno.test("a read ends before a long body, so that the reads of it start at its start", () => {
  const size = 2 * 1024 * 1024;
  const options = { memory: null, size, precopySize: size, chunkSize: 4096 };
  const stream = createStateStream({ ...options, dirtyRate: 0, dirtySpan: 0 });
  beginPrecopy(stream);
  assertEquals(readStream(stream, null, 1000, false), RECORD_HEADER_SIZE);
  assertEquals(initialBytes(stream), size);
  assertEquals(readStream(stream, null, 2 * size, false), size);
});
