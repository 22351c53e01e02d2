// Writes scenarios/scenario.schema.json, after a change of what scenario files may say:
//
//     deno run --allow-read --allow-write --allow-env bench/scenario/write_schema.ts

import { scenarioJsonSchema } from "./json_schema.ts";

const file = new URL("../../scenarios/scenario.schema.json", import.meta.url);
await Deno.writeTextFile(file, JSON.stringify(scenarioJsonSchema(), null, 2) + "\n");
