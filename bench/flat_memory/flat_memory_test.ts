/** Nothing is allocated for a buffer, on any channel; and what would be is found. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { MAX_DURATIONS } from "../../core/migration/multifd_threads/kept_durations.ts";
import { GIB, KIB } from "../scenario/units.ts";
import { type FlatChannel, littleReads, queueMemory } from "./flat_scenario.ts";
import { ALLOWANCE, findGrowth, type TransferMemory } from "./judge.ts";
import { ALLOWED_BYTES, moveAtLeast } from "./transfer_memory.ts";
import { memoryOf, type ProcessOptions, runTransfer } from "./transfer_process.ts";

const SHORT = 100_000;
const LONG = 1_000_000;
/** Multifd's eight threads each have code of their own: together they take longer until all of it is V8's best. */
const BUFFERS = {
  tcp: [SHORT, LONG],
  file: [SHORT, LONG],
  multifd: [3 * SHORT, 1.5 * LONG],
} as const;
/** Of buffers below 64 KiB one in so many is recorded. */
const ONE_IN = 17;

interface Moved {
  readonly memory: TransferMemory;
  readonly queued_peak_bytes: number;
}

async function move(
  channel: FlatChannel,
  buffers: number,
  options: ProcessOptions = {},
): Promise<Moved> {
  const run = await runTransfer(littleReads(channel, buffers), options);
  const { error, state_verified, recorded_reads, queued_peak_bytes } = run.transfer;
  assertEquals([error, state_verified], [null, true]);
  // A thread of multifd's keeps no more of them.
  assertGreater(recorded_reads, 0.99 * Math.min(buffers / ONE_IN, MAX_DURATIONS));
  return { memory: memoryOf(buffers, run), queued_peak_bytes };
}

/**
 * What comparisons find each time that they are made. An object that the code makes for every buffer is there each time.
 * Other bytes come and go with the run: numbers are objects until V8's best code is there, and it is there sooner or
 * later. The same code took 2 to 20 bytes for a buffer over multifd, whose many threads each have code of their own.
 */
async function foundEachTime(compare: () => Promise<string[]>): Promise<string[]> {
  for (let tries = 1;; tries++) {
    const found = await compare();
    if (found.length === 0 || tries === 5) return found;
  }
}

for (const channel of ["tcp", "file", "multifd"] as const) {
  const [few, many] = BUFFERS[channel];
  Deno.test(`${many} buffers over ${channel} take no more memory than ${few}`, async () => {
    const found = await foundEachTime(async () => {
      const [short, long] = [await move(channel, few), await move(channel, many)];
      const growth_bytes = ALLOWANCE.growth_bytes + queueMemory(long.queued_peak_bytes);
      return findGrowth(short.memory, long.memory, { ...ALLOWANCE, growth_bytes });
    });
    assertEquals(found, []);
  });
}

for (const channel of ["ring", "unix"]) {
  // V8 makes its code anew where a count of bytes comes to 2 GiB and fits no word: either transfer comes past that.
  Deno.test(`8 GiB over ${channel} in two million buffers take no more memory than 3 GiB`, async () => {
    const found = await foundEachTime(async () => {
      const [short, long] = [
        await moveAtLeast(channel, 4 * KIB, 3 * GIB),
        await moveAtLeast(channel, 4 * KIB, 8 * GIB),
      ];
      const [few = 0, many = 0] = [short, long].map((run) => run.transfer.recorded_reads * ONE_IN);
      assertGreater(many, 2_000_000);
      const grown = long.transfer.peak_bytes - short.transfer.peak_bytes;
      assert(grown < ALLOWED_BYTES, `${grown} bytes more at the peak`);
      return findGrowth(memoryOf(few, short), memoryOf(many, long));
    });
    assertEquals(found, []);
  });
}

/** What hands every buffer over to the ring. */
const PRODUCE = "core/memory/ring_produce.ts";

/** The project with one of its modules in another's place, which is given to use it all the same. */
async function withPlanted<T>(
  planted: string,
  instead: string,
  use: (config: string) => Promise<T>,
): Promise<T> {
  const project = new URL("../../", import.meta.url);
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", project)));
  const original = new URL(instead, project).href;
  const plant = new URL(planted, import.meta.url).href;
  const folder = await Deno.makeTempDir();
  try {
    const config = `${folder}/deno.json`;
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        nodeModulesDir: "none",
        lock: false,
        imports: { ...imports, [original]: plant },
        scopes: { [plant]: { [original]: original } },
      }),
    );
    return await use(config);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an object that is made for each buffer, and dropped, is found", async () => {
  await withPlanted("./testdata/allocating_produce.ts", PRODUCE, async (config) => {
    const found = await foundEachTime(async () => {
      const [short, long] = [
        await move("ring", SHORT, { config }),
        await move("ring", LONG, { config }),
      ];
      return findGrowth(short.memory, long.memory, { ...ALLOWANCE, growth_bytes: Infinity });
    });
    assertEquals(found.length, 1);
    assert(found[0]?.includes("bytes are allocated for each buffer"), found[0]);
  });
});

Deno.test("memory that is kept for each buffer is found where the heaps do not show it", async () => {
  await withPlanted("./testdata/leaking_produce.ts", PRODUCE, async (config) => {
    const [short, long] = [
      await move("ring", SHORT, { config }),
      await move("ring", LONG, { config }),
    ];
    const found = findGrowth(short.memory, long.memory, {
      ...ALLOWANCE,
      bytes_per_buffer: Infinity,
    });
    assertEquals(found.length, 1);
    assert(found[0]?.includes("resident memory grows by"), found[0]);
  });
});
