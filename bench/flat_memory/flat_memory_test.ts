/** Nothing is allocated for a buffer, on any channel; and what would be is found. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { GIB, KIB, MIB } from "../scenario/units.ts";
import { type FlatChannel, littleReads } from "./flat_scenario.ts";
import { ALLOWANCE, findGrowth, type TransferMemory } from "./judge.ts";
import { ALLOWED_BYTES, moveAtLeast } from "./transfer_memory.ts";
import { memoryOf, type ProcessOptions, runTransfer } from "./transfer_process.ts";

const SHORT = 100_000;
const LONG = 1_000_000;
/** Of buffers below 64 KiB one in so many is recorded. */
const ONE_IN = 16;

async function move(
  channel: FlatChannel,
  buffers: number,
  options: ProcessOptions = {},
): Promise<TransferMemory> {
  const run = await runTransfer(littleReads(channel, buffers), options);
  const { error, state_verified, recorded_reads } = run.transfer;
  assertEquals([error, state_verified], [null, true]);
  assertGreater(recorded_reads, 0.99 * buffers / ONE_IN);
  return memoryOf(buffers, run);
}

for (const channel of ["tcp", "file", "multifd"] as const) {
  Deno.test(`a million buffers over ${channel} take no more memory than a hundred thousand`, async () => {
    assertEquals(findGrowth(await move(channel, SHORT), await move(channel, LONG)), []);
  });
}

for (const channel of ["ring", "unix"]) {
  Deno.test(`4 GiB over ${channel} in a million buffers take no more memory than 256 MiB`, async () => {
    const [short, long] = [
      await moveAtLeast(channel, 4 * KIB, 256 * MIB),
      await moveAtLeast(channel, 4 * KIB, 4 * GIB),
    ];
    const [few, many] = [short, long].map(({ transfer }) => transfer.recorded_reads * ONE_IN);
    assertGreater(many ?? 0, 1_000_000);
    assertEquals(findGrowth(memoryOf(few ?? 0, short), memoryOf(many ?? 0, long)), []);
    const grown = long.transfer.peak_bytes - short.transfer.peak_bytes;
    assert(grown < ALLOWED_BYTES, `${grown} bytes more at the peak`);
  });
}

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
  const found = await withPlanted(
    "./testdata/allocating_produce.ts",
    "core/memory/ring_produce.ts",
    async (config) =>
      findGrowth(await move("ring", SHORT, { config }), await move("ring", 3 * SHORT, { config })),
  );
  assertEquals(found.length, 1);
  assert(found[0]?.includes("bytes are allocated for each buffer"), found[0]);
});

Deno.test("memory that is kept for each buffer is found where the heaps do not show it", async () => {
  const found = await withPlanted(
    "./testdata/leaking_produce.ts",
    "core/memory/ring_produce.ts",
    async (config) =>
      findGrowth(await move("ring", SHORT, { config }), await move("ring", 3 * SHORT, { config }), {
        ...ALLOWANCE,
        bytes_per_buffer: Infinity,
      }),
  );
  assertEquals(found.length, 1);
  assert(found[0]?.includes("resident memory grows by"), found[0]);
});
