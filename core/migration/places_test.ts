import { assertEquals, assertThrows } from "@std/assert";
import { createStruck, type FaultPlan } from "../fault/mod.ts";
import { MigrationError } from "./migration_error.ts";
import { HalfDeath, placeSink } from "./places.ts";

function sinkOf(plan: FaultPlan, side: "source" | "destination") {
  const struck = createStruck(plan);
  let cancels = 0;
  const sink = placeSink(plan, side, { struck, nowNs: () => 7, cancel: () => cancels++ });
  return { sink, struck, cancels: () => cancels };
}

Deno.test("a user cancels at the nth visit of a place, and once", () => {
  const { sink, struck, cancels } = sinkOf(
    [{ on: "user", give: "cancel", at: "precopy", nth: 3 }],
    "source",
  );
  const counts = (["setup", "precopy", "precopy", "load", "precopy", "precopy"] as const)
    .map((place) => (sink?.(place), cancels()));
  assertEquals(counts, [0, 0, 0, 0, 1, 1]);
  assertEquals([...struck], [7]);
});

Deno.test("a Worker dies where its side comes to the place, and no other side does", () => {
  const plan: FaultPlan = [{ on: "worker", side: "destination", give: "die", at: "load" }];
  assertEquals(sinkOf(plan, "source").sink, undefined);
  const { sink, struck } = sinkOf(plan, "destination");
  sink?.("setup");
  assertEquals([...struck], [0]);
  const death = assertThrows(() => sink?.("load"), HalfDeath, "destination's Worker died in load");
  assertEquals([death.side, death.place], ["destination", "load"]);
});

Deno.test("a host refuses at setup, as a failure of the migration", () => {
  const plan: FaultPlan = [{ on: "host", side: "destination", give: "refuse" }];
  const { sink } = sinkOf(plan, "destination");
  const error = assertThrows(() => sink?.("setup"), MigrationError, "refuses");
  assertEquals(error.failure.phase, "setup");
});

Deno.test("a plan without faults at places has no sink", () => {
  const plan: FaultPlan = [
    { on: "channel", give: "drop", byte: 0 },
    { on: "host", side: "source", give: "ENOMEM" },
  ];
  assertEquals([sinkOf(plan, "source").sink, sinkOf(plan, "destination").sink], [
    undefined,
    undefined,
  ]);
});
