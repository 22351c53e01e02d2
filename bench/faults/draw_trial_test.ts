import { assert, assertEquals } from "@std/assert";
import { SYSTEMS } from "./draw_scenario.ts";
import { type Clock, drawTrial } from "./draw_trial.ts";
import { kindOf } from "./fault_kind.ts";

const CLOCKS: readonly Clock[] = ["virtual", "wall"];

Deno.test("a trial follows from its seed and its number alone", () => {
  for (const clock of CLOCKS) {
    for (const number of [0, 7, 123]) {
      assertEquals(drawTrial(5, number, clock), drawTrial(5, number, clock));
    }
  }
  assert(JSON.stringify(drawTrial(5, 7, "wall")) !== JSON.stringify(drawTrial(6, 7, "wall")));
});

Deno.test("every system has its turn, and every kind of fault comes in some of its trials", () => {
  const systems = new Set<string>();
  const kinds = new Set<string>();
  for (let number = 0; number < 1500; number++) {
    const { system, one } = drawTrial(1, number, "virtual");
    systems.add(system);
    for (const fault of one.faults) kinds.add(kindOf(fault).split(" ")[0] ?? "");
  }
  assertEquals([...systems].sort(), [...SYSTEMS].sort());
  const expected = [
    "read",
    "write",
    "setState",
    "getPrecopyInfo",
    "getDataSize",
    "setPrecopyInfoV2",
    "reset",
    "readRegion",
    "writeRegion",
    "readData",
    "writeData",
    "map",
    "dirtyPages",
    "lie",
    "channel",
    "multifd",
    "worker",
    "host",
    "user",
  ]; // deno-fmt-ignore
  assertEquals(expected.filter((kind) => !kinds.has(kind)), []);
});
