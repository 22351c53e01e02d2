import { assertEquals, assertNotEquals } from "@std/assert";
import { close, readText } from "../../core/libc/mod.ts";
import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import { createSpareMemories } from "./spare_memories.ts";
import { createStateSupply, type SpareMemory } from "./state_supply.ts";
import { runWallTrial } from "./wall_trial.ts";

function caseOf(state_size: string, params: Record<string, unknown> = {}): Case {
  const [one] = expandCases(ScenarioSchema.parse({
    name: "t",
    question: "?",
    params,
    devices: [{ id: "nic0", profile: "generic", state_size, dirty_rate: "32MiB/s" }],
    ram: { size: "1MiB" },
  }));
  if (one === undefined) throw new TypeError("Cannot test: there is no case");
  return one;
}

/** The inode behind each fd: which memory it is. */
function inodes(memories: readonly SpareMemory[]): number[] {
  return memories.map(({ fd }) => {
    const info = readText(`/proc/self/fdinfo/${fd}`);
    return Number(/^ino:\s*(\d+)$/m.exec(String(info))?.[1]);
  });
}

Deno.test("trials hand their memory on, and every state arrives whole in it, whatever was there before", async () => {
  const one = caseOf("2MiB");
  const memories = createSpareMemories();
  try {
    let before: number[] = [];
    for (let trial = 0; trial < 4; trial++) {
      const place = { caseNumber: 0, trial, seed: 1 + trial };
      const { record } = await runWallTrial(one, place, new AbortController().signal, { memories });
      assertEquals([record.error, record.state_verified], [null, true]);
      const { source, destination } = memories.spareFor(one);
      assertEquals([source.length, destination.length], [2, 2], "a device's and RAM's");
      const now = inodes([...source, ...destination]);
      assertEquals(new Set(now).size, 4, "none is handed to two");
      if (trial > 0) assertEquals(now, before);
      before = now;
    }
  } finally {
    memories.close();
  }
});

Deno.test("memory that the next case cannot use is given back before it begins", () => {
  const memories = createSpareMemories();
  const used = createStateSupply([]);
  assertNotEquals(typeof used.take("nic0", 4096), "number");
  const [inode] = inodes(used.taken);
  memories.keep(caseOf("4KiB"), { source: used.taken, destination: [] });
  for (const { fd } of used.taken) close(fd);
  const spare = [...memories.spareFor(caseOf("4KiB")).source];
  assertEquals(inodes(spare), [inode]);
  assertEquals(memories.spareFor(caseOf("8KiB")).source, []);
  // By its inode: other threads open and close fds meanwhile, and the number may be one of theirs by now.
  assertNotEquals(inodes(spare), [inode]);
  memories.close();
});

Deno.test("a trial that fails keeps nothing, and what was spare before stays so", async () => {
  const memories = createSpareMemories();
  const place = { caseNumber: 0, trial: 0, seed: 1 };
  const never = new AbortController().signal;
  try {
    await runWallTrial(caseOf("1MiB"), place, never, { memories });
    const before = inodes(memories.spareFor(caseOf("1MiB")).source);
    const cancelled = AbortSignal.abort();
    const { record } = await runWallTrial(caseOf("1MiB"), place, cancelled, { memories });
    assertEquals(record.outcome, "cancelled");
    assertEquals(inodes(memories.spareFor(caseOf("1MiB")).source), before);
  } finally {
    memories.close();
  }
});

Deno.test("what is spare is given once, from its beginning, and where it fits", () => {
  const first = createStateSupply([]);
  const memory = first.take("a", 8192);
  if (typeof memory === "number") throw new TypeError(`Cannot make memory: received ${memory}`);
  const second = createStateSupply(first.taken);
  const taken = [second.take("b", 4096), second.take("c", 8192), second.take("d", 8192)];
  assertEquals(second.taken.map(({ size }) => size), [4096, 8192, 8192]);
  const [same] = inodes(first.taken);
  assertEquals(inodes(second.taken).map((ino) => ino === same), [false, true, false]);
  assertEquals(taken.map((one) => typeof one === "number" ? one : one.position), [0, 0, 0]);
  for (const { fd } of [...first.taken, ...second.taken]) close(fd);
});
