import { assert, assertEquals } from "@std/assert";
import { buildTwin, runTwin } from "./build_twin.ts";

const MIB = 1024 * 1024;

Deno.test("the C twin moves every byte, or says why it cannot be built", async () => {
  const twin = await buildTwin();
  if ("unavailable" in twin) {
    assert(twin.unavailable.startsWith("Cannot build the C twin: "), twin.unavailable);
    return;
  }
  for (const [bufferSize, slots] of [[4096, 1024], [MIB, 8]] as const) {
    const bytes = 4 * MIB;
    const transfer = await runTwin(twin.path, { bufferSize, slots, bytes, verify: true });
    assertEquals(transfer.bytes, bytes);
    assertEquals(transfer.slots, slots);
    assert(transfer.bytes_per_s > 0);
  }
});
