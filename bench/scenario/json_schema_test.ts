import { assertEquals } from "@std/assert";
import { parse } from "@std/jsonc";
import { z } from "zod";
import { scenarioJsonSchema } from "./json_schema.ts";
import { listScenarios } from "./load.ts";
import { PARAM_DESCRIPTIONS } from "./params.ts";

const SCENARIOS = new URL("../../scenarios/", import.meta.url);

const TINY = {
  name: "tiny",
  question: "Does anything move at all?",
  devices: [{ id: "nic0", profile: "generic" }],
};

/** What an editor would say, as far as zod reads JSON Schema back. */
function accepts(file: unknown): boolean {
  return z.fromJSONSchema(JSON.parse(JSON.stringify(scenarioJsonSchema()))).safeParse(file).success;
}

Deno.test("scenario.schema.json is what write_schema.ts writes", async () => {
  const text = await Deno.readTextFile(new URL("scenario.schema.json", SCENARIOS));
  assertEquals(text, JSON.stringify(scenarioJsonSchema(), null, 2) + "\n");
});

Deno.test("the JSON Schema accepts every scenario of the project", async () => {
  for (const name of await listScenarios(SCENARIOS)) {
    const file = parse(await Deno.readTextFile(new URL(`${name}.jsonc`, SCENARIOS)));
    assertEquals(accepts(file), true, name);
    assertEquals(Reflect.get(Object(file), "$schema"), "./scenario.schema.json");
  }
});

Deno.test("the JSON Schema refuses what the code refuses", () => {
  const wrong: object[] = [
    { name: "Tiny" },
    { trials: 0 },
    { nam: "tiny" },
    { params: { bufer_size: 4096 } },
    { params: { buffer_size: "1MiB/s" } },
    { params: { buffer_size: -4096 } },
    { params: { downtime_limit_ms: 0 } },
    { params: { ring_slots: 3 } },
    { params: { channel: "udp" } },
    { devices: [] },
    { devices: [{ id: "nic0", profile: "genric" }] },
    { matrix: { bufer_size: [4096] } },
    { matrix: { buffer_size: [] } },
    { matrix: { buffer_size: ["1MiB/s"] } },
    { matrix: { "devices.nic0.dirty_rate": ["1MiB"] } },
    { matrix: { "devices.nic0.reinit_at_ms": [[1]] } },
  ];
  assertEquals(accepts(TINY), true);
  assertEquals(accepts({ ...TINY, matrix: { "devices.nic0.dirty_rate": ["1MiB/s"] } }), true);
  for (const changes of wrong) {
    assertEquals(accepts({ ...TINY, ...changes }), false, JSON.stringify(changes));
  }
});

Deno.test("a device has a profile or a capture, and no other keys beside a capture", () => {
  // zod reads neither back: it forgets what stands beside an anyOf.
  const device = Object(Object(scenarioJsonSchema().properties?.devices).items);
  assertEquals(device.required, ["id"]);
  assertEquals(device.additionalProperties, false);
  assertEquals(device.anyOf, [{ required: ["profile"] }, { required: ["capture"] }]);
  assertEquals(device.dependencies, {
    capture: { propertyNames: { enum: ["id", "capture", "replay_timing", "replay_speed"] } },
  });
});

Deno.test("only what must be there is required", () => {
  const { required, properties } = scenarioJsonSchema();
  assertEquals(required, ["name", "question", "devices"]);
  const params = Object(properties?.params);
  assertEquals(params.required, undefined);
  const described = Object.entries(params.properties).map(([name, field]) =>
    [name, Object(field).description] as const
  );
  assertEquals(Object.fromEntries(described), { ...PARAM_DESCRIPTIONS });
});
