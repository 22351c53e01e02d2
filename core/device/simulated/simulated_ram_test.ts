import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareImages } from "../compare_images.ts";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import { createSimulatedRam, createSimulatedRamLoader, ramWireBytes } from "./simulated_ram.ts";
import { createFakeClock } from "./testdata/fake_clock.ts";
import { memoryOf } from "./testdata/memory.ts";

const PAGE = 4096;
const HEADER = 24;
const MS = 1e6;
/** Ten pages, one of them dirtied each millisecond. */
const PROFILE = { size: 10 * PAGE, dirty_rate: 1000 * PAGE, dirty_span: 0 };

Deno.test("all of RAM is dirty at first, and later what the last sync saw", () => {
  const clock = createFakeClock();
  const ram = createSimulatedRam(PROFILE, clock, null);
  ram.begin();
  assertEquals(ram.pendingBytes(), 10 * PAGE + HEADER);
  assertEquals(ram.read(null, 100_000), 10 * PAGE + HEADER);
  clock.now += 3 * MS;
  assertEquals([ram.pendingBytes(), ram.read(null, 100_000)], [0, 0]);
  ram.sync();
  assertEquals(ram.pendingBytes(), 3 * PAGE + HEADER);
});

Deno.test("a stopped guest dirties nothing more, and one that goes on did nothing meanwhile", () => {
  const clock = createFakeClock();
  const ram = createSimulatedRam(PROFILE, clock, null);
  ram.begin();
  ram.read(null, 100_000);
  ram.resume(); // it runs already
  clock.now += 2 * MS;
  ram.stop();
  clock.now += 5 * MS;
  ram.stop(); // it has stopped already
  ram.sync();
  assertEquals(ram.pendingBytes(), 2 * PAGE + HEADER);
  ram.resume();
  clock.now += 1 * MS;
  ram.sync();
  assertEquals(ram.pendingBytes(), 3 * PAGE + HEADER);
});

Deno.test("what the first image will carry anyway is not dirty besides", () => {
  const clock = createFakeClock();
  const ram = createSimulatedRam(PROFILE, clock, null);
  ram.begin();
  clock.now += 2 * MS;
  ram.sync();
  assertEquals(ram.pendingBytes(), 10 * PAGE + HEADER);
  assertEquals(ram.read(null, HEADER + 1), HEADER + 1); // the image is begun
  clock.now += 2 * MS;
  ram.sync();
  assertEquals(ram.pendingBytes(), 10 * PAGE - 1 + 2 * PAGE + HEADER);
});

Deno.test("the end of the stream comes when it is to be finished, and not with the stop", () => {
  const clock = createFakeClock();
  const ram = createSimulatedRam({ ...PROFILE, dirty_rate: 0 }, clock, null);
  const loader = createSimulatedRamLoader(PROFILE, null, ram.stream.headerLog);
  ram.begin();
  const all = ram.read(null, 100_000);
  assertEquals(loader.write(null, 0, all), all);
  assertEquals([ram.read(null, 100), loader.isWhole()], [0, false]);
  ram.stop();
  assertEquals(ram.read(null, 100), 0);
  ram.finish();
  assertEquals(ram.read(null, 100), HEADER);
  assertEquals(ram.read(null, 100), 0);
  assertEquals(loader.write(null, 0, HEADER), HEADER);
  assertEquals(loader.isWhole(), true);
  assertEquals(loader.write(null, 0, 1), -ERRNO.ENOMEM);
});

Deno.test("however a guest runs while its RAM is read, the destination gets its pages", () => {
  const steps = fc.array(
    fc.record({ ms: fc.nat(8), length: fc.nat(5 * PAGE), sync: fc.boolean() }),
  );
  const region = regionOf(new ArrayBuffer(5 * PAGE));
  fc.assert(
    fc.property(steps, (steps) => {
      const clock = createFakeClock();
      const ram = createSimulatedRam(PROFILE, clock, memoryOf(PROFILE.size, 1));
      const loader = createSimulatedRamLoader(PROFILE, memoryOf(PROFILE.size, null));
      try {
        const move = (length: number) => {
          const n = ram.read(region, length);
          assertEquals(loader.write(region, 0, n), n);
          return n;
        };
        ram.begin();
        for (const { ms, length, sync } of steps) {
          clock.now += ms * MS;
          if (sync) ram.sync();
          move(length);
        }
        ram.stop();
        ram.sync();
        ram.finish();
        while (move(5 * PAGE) > 0);
        assertEquals(loader.isWhole(), true);
        const [from, to] = [ram.image(), loader.image()];
        assertEquals(from && to && compareImages(from, to), -1);
      } finally {
        ram.close();
        loader.close();
        ram.close(); // closes nothing twice
        loader.close();
        assertEquals([ram.image(), loader.image()], [null, null]);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("zero pages are pending until the source has come to them, and hardly go over the wire", () => {
  const clock = createFakeClock();
  const ram = createSimulatedRam({ ...PROFILE, zero_fraction: 0.8 }, clock, null);
  ram.begin();
  assertEquals(ram.pendingBytes(), 5 * (2 * PAGE + HEADER));
  assertEquals(ram.read(null, PAGE + HEADER), PAGE + HEADER);
  assertEquals(ram.pendingBytes(), 5 * PAGE);
  assertEquals(ram.read(null, 100_000), PAGE);
  ram.sync();
  clock.now += 2 * MS;
  ram.sync();
  // What is dirtied is no zero page.
  assertEquals(ram.pendingBytes(), 2 * PAGE + HEADER);
});

Deno.test("a destination of RAM with zero pages knows when all is there", () => {
  const clock = createFakeClock();
  const profile = { ...PROFILE, dirty_rate: 0, zero_fraction: 0.55 };
  assertEquals(ramWireBytes(profile), 5 * PAGE);
  const ram = createSimulatedRam(profile, clock, null);
  const loader = createSimulatedRamLoader(profile, null, ram.stream.headerLog);
  ram.begin();
  ram.finish();
  for (let n = ram.read(null, 1000); n > 0; n = ram.read(null, 1000)) {
    assertEquals(loader.isWhole(), false);
    assertEquals(loader.write(null, 0, n), n);
  }
  assertEquals(loader.isWhole(), true);
});

Deno.test("going through RAM takes its time, zero pages included, and a read is not long", () => {
  const clock = createFakeClock();
  const rate = 1000 * PAGE;
  const ram = createSimulatedRam({ ...PROFILE, zero_fraction: 0.5, send_rate: rate }, clock, null);
  const began = clock.now;
  ram.begin();
  const first = ram.read(null, 100_000);
  assertEquals(first, PAGE);
  assertEquals(clock.now - began, 2 * MS);
  while (ram.read(null, 100_000) > 0);
  assertEquals(Math.round((clock.now - began) / MS), 10);
});
