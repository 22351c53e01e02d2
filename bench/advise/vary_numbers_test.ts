import { assertEquals } from "@std/assert";
import { ScenarioSchema } from "../scenario/mod.ts";
import { numbersOf, scaled, varyNumbers } from "./vary_numbers.ts";

const SCENARIO = ScenarioSchema.parse({
  name: "t",
  question: "?",
  clock: "virtual",
  devices: [
    { id: "a", profile: "generic", state_size: "1MiB", resume_ms: 2 },
    { id: "b", profile: "generic", state_size: "1MiB" },
  ],
  ram: { size: "1GiB", zero_fraction: 0.5 },
});

Deno.test("every number above 0 is varied, what devices have in common together, fractions not", () => {
  assertEquals(numbersOf(SCENARIO).map(([key]) => key).sort(), [
    "devices.*.save_chunk_size",
    "devices.*.state_size",
    "devices.a.resume_ms",
    "host.pass_us",
    "host.query_us",
    "ram.size",
  ]);
});

Deno.test("one at a time, down and up", () => {
  const effects = varyNumbers(SCENARIO, 10, ({ ram }) => ram.size);
  const ofRam = effects.find(({ key }) => key === "ram.size");
  assertEquals([ofRam?.less, ofRam?.more], [966367642, 1181116006]);
  const others = effects.filter(({ key }) => key !== "ram.size");
  assertEquals(others.every(({ less, more }) => less === 2 ** 30 && more === 2 ** 30), true);
});

Deno.test("a size stays whole, and what is small keeps its decimals", () => {
  assertEquals([scaled(1001, 0.9), scaled(2, 0.9), scaled(0.5, 1.1)], ["901", "1.8", "0.55"]);
});
