import { z } from "zod";
import { PARAM_FIELDS } from "./params.ts";
import { DEVICE_FIELDS } from "./device_spec.ts";
import {
  HOST_FIELDS,
  LINK_FIELDS,
  RAM_FIELDS,
  REGION_FIELDS,
  RUN_FIELDS,
} from "./scenario_fields.ts";
import { MatrixSchema, ScenarioSchema } from "./schema.ts";

type Json = z.core.JSONSchema.BaseSchema;

const OPTIONS = { io: "input", target: "draft-7" } as const;

/** A list of values of the field: what a matrix has of it. */
function valuesOf(field: z.ZodType): Json {
  const { $schema: _, description, default: __, ...items } = z.toJSONSchema(field, OPTIONS);
  return {
    ...(description === undefined ? {} : { description }),
    type: "array",
    items,
    minItems: 1,
    uniqueItems: true,
  };
}

/** A list cannot vary, and MatrixSchema has no room for one. */
function varying(fields: Readonly<Record<string, z.ZodType>>, prefix = ""): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]): [string, Json] => [prefix + name, valuesOf(field)])
      .filter(([, { items }]) =>
        typeof items === "object" && Reflect.get(items, "type") !== "array"
      ),
  );
}

/** zod sees a record of anything; which keys there are follows from the other fields. */
function matrixJson(): Json {
  const properties = {
    ...varying(PARAM_FIELDS),
    ...varying(RUN_FIELDS),
    ...varying(RAM_FIELDS, "ram."),
    ...varying(LINK_FIELDS, "link."),
    ...varying(HOST_FIELDS, "host."),
    ...varying(REGION_FIELDS, "region."),
  };
  const devices = Object.entries(varying(DEVICE_FIELDS)).map(([name, values]) =>
    [`^devices\\..+\\.${name}$`, values] as const
  );
  return {
    type: "object",
    properties,
    patternProperties: Object.fromEntries(devices),
    additionalProperties: false,
  };
}

/**
 * The JSON Schema of scenario files, for editors: `scenarios/scenario.schema.json` is this and a test
 * holds it to it. Draft 7, which every editor reads.
 */
export function scenarioJsonSchema(): Json {
  return z.toJSONSchema(ScenarioSchema, {
    ...OPTIONS,
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== MatrixSchema) return;
      delete jsonSchema.propertyNames;
      Object.assign(jsonSchema, matrixJson());
    },
  });
}
