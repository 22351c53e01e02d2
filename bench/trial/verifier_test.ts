import { assertEquals } from "@std/assert";
import type { KernelSpec } from "../scenario/mod.ts";
import { isGood } from "./is_good.ts";
import { verifierOf } from "./verifier.ts";

function real(to: string): KernelSpec {
  const common = { driver: "migdev", precopy: true, p2p: true, state_size: 0 };
  return { id: to, kind: "kernel", device: "vfio0", to, ...common };
}

Deno.test("who verifies is the weakest of what the devices have", () => {
  assertEquals(
    verifierOf([{
      id: "a",
      kind: "replayed",
      capture: "a.jsonl",
      replay_timing: "none",
      replay_speed: 1,
    }]),
    "comparison",
  );
  assertEquals(verifierOf([real("vfio1")]), "driver");
  assertEquals(verifierOf([real("vfio1"), real("null")]), "nobody");
  assertEquals(verifierOf([real("file:/tmp/x")]), "nobody");
});

Deno.test("a trial that nobody could verify has numbers, one that was not verified has none", () => {
  const completed = { outcome: "completed", state_verified: false } as const;
  assertEquals(isGood(completed), false);
  assertEquals(isGood({ ...completed, verified_by: "driver" }), false);
  assertEquals(isGood({ ...completed, verified_by: "nobody" }), true);
  assertEquals(isGood({ ...completed, state_verified: true, verified_by: "driver" }), true);
  assertEquals(isGood({ ...completed, outcome: "failed", verified_by: "nobody" }), false);
});
