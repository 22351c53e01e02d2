import { assertEquals, assertStringIncludes } from "@std/assert";
import { type SweptTrial, tallyOf, tallyText } from "./tally.ts";

function trial(
  system: string,
  outcome: SweptTrial["outcome"],
  faults: Record<string, number>,
): SweptTrial {
  return {
    number: 0,
    system,
    outcome,
    faults: Object.entries(faults).map(([kind, times]) => ({ kind, times })),
    violations: [],
    digest: "",
  };
}

Deno.test("trials are counted by system, and once for each sort of fault that they have", () => {
  const { bySystem, byGroup, byKind } = tallyOf([
    trial("v1", "failed", { "read EIO": 1, "read EINTR": 0 }),
    trial("v1", "completed", { "read EINTR": 3 }),
    trial("v2", "broken", { "channel drop": 1 }),
  ]);
  const none = { trials: 0, struck: 0, completed: 0, failed: 0, cancelled: 0 };
  assertEquals(bySystem.find(({ name }) => name === "v1"), {
    ...none,
    name: "v1",
    trials: 2,
    struck: 2,
    completed: 1,
    failed: 1,
  });
  assertEquals(byGroup, [
    { ...none, name: "channel", trials: 1, struck: 1 },
    { ...none, name: "read", trials: 2, struck: 2, completed: 1, failed: 1 },
  ]);
  assertEquals(byKind.map(({ name, trials, struck }) => [name, trials, struck]), [
    ["channel drop", 1, 1],
    ["read EINTR", 2, 1],
    ["read EIO", 1, 1],
  ]);
});

Deno.test("the table has a line for each, and the kinds where they are asked for", () => {
  const tally = tallyOf([trial("v2", "cancelled", { "user load": 1 })]);
  assertStringIncludes(tallyText(tally, false), "user ");
  assertEquals(tallyText(tally, false).includes("user load"), false);
  assertStringIncludes(tallyText(tally, true), "user load");
});
