import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { REPLAY_FIELDS, VIRTIO_NET } from "./device_spec.ts";
import type { Case } from "./expand.ts";
import { FaultsSchema } from "./fault_fields.ts";
import { PARAM_FIELDS } from "./params.ts";
import { ProfileSchema } from "./profile_fields.ts";
import {
  HOST_FIELDS,
  LINK_FIELDS,
  RAM_FIELDS,
  REGION_FIELDS,
  RUN_FIELDS,
} from "./scenario_fields.ts";
import { DEVICE_ID, type DeviceSpec, SCENARIO_NAME } from "./schema.ts";
import { VIRTIO_FIELDS } from "./virtio_fields.ts";

/**
 * What a case is made of, as plain data from which the very same case can be made again: its devices with
 * all that the scenario, the matrix and the command line left of them.
 */
export interface CaseDefinition {
  /** Among the cases of its scenario. */
  readonly index: number;
  /** A recording's path is told from the scenarios' folder on. */
  readonly devices: readonly DeviceSpec[];
  readonly ram: Case["ram"];
  readonly link: Case["link"];
  readonly host: Case["host"];
  readonly region: Case["region"];
  /** Absent where nothing goes wrong. */
  readonly faults?: Case["faults"];
  readonly warmup: Case["warmup"];
  readonly seed: number;
}

/** What else a run keeps of a case. */
export type CaseIdentity = Pick<
  Case,
  "scenario" | "label" | "clock" | "trials" | "shows"
>;

const { x_enable_migration: _, destination_region_size: __, ...OF_ONE_END } = REGION_FIELDS;
const RegionEndSchema = z.strictObject(OF_ONE_END);

const Given = z.record(z.string(), z.unknown());

/** As many as a scenario may have. */
const MAX_DEVICES = 64;

/** A device's id, which names files where it is recorded. */
const Id = z.string().regex(DEVICE_ID);

const DeviceSchema: z.ZodType<DeviceSpec> = z.discriminatedUnion("kind", [
  z.strictObject({
    id: Id,
    kind: z.literal("simulated"),
    // Devices that share an adapter have a part of its rates, which need not be whole.
    profile: ProfileSchema.extend({ save_rate: z.number().min(0), load_rate: z.number().min(0) }),
    profile_name: z.string(),
    given: Given,
    base: ProfileSchema.exactOptional(),
    region: z.strictObject({ source: RegionEndSchema, destination: RegionEndSchema })
      .exactOptional(),
  }),
  z.strictObject({
    id: Id,
    kind: z.literal("virtio"),
    profile: z.strictObject(VIRTIO_FIELDS),
    profile_name: z.literal(VIRTIO_NET),
    given: Given,
  }),
  z.strictObject({
    id: Id,
    kind: z.literal("replayed"),
    capture: z.string(),
    ...REPLAY_FIELDS,
  }),
  z.strictObject({
    id: Id,
    kind: z.literal("kernel"),
    device: z.string(),
    to: z.string(),
    driver: z.string(),
    precopy: z.boolean(),
    p2p: z.boolean(),
    state_size: z.number().min(0),
  }),
]);

const DefinitionSchema: z.ZodType<CaseDefinition> = z.strictObject({
  index: z.int().min(0),
  devices: z.array(DeviceSchema).min(1).max(MAX_DEVICES),
  ram: z.strictObject(RAM_FIELDS),
  link: z.strictObject(LINK_FIELDS),
  host: z.strictObject(HOST_FIELDS),
  region: z.strictObject(REGION_FIELDS),
  faults: FaultsSchema.exactOptional(),
  warmup: RUN_FIELDS.warmup,
  seed: RUN_FIELDS.seed,
});

const ParamsSchema = z.strictObject(PARAM_FIELDS);
/** It names files where streams, sessions or traces are kept. */
const ScenarioName = z.string().regex(SCENARIO_NAME, { error: "expected a scenario's name" });
const VariesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** @param scenariosDir From where paths of recordings are told: no user's folder is named for those of the project */
export function caseDefinition(one: Case, scenariosDir: string | URL): CaseDefinition {
  const { index, ram, link, host, region, faults, warmup, seed } = one;
  const devices = one.devices.map((device) =>
    device.kind === "replayed"
      ? { ...device, capture: relative(pathOf(scenariosDir), device.capture) }
      : device
  );
  const wrong = faults.length === 0 ? {} : { faults };
  return { index, devices, ram, link, host, region, ...wrong, warmup, seed };
}

/**
 * The case that was defined.
 *
 * @param scenariosDir The folder that the definition was made with
 * @throws {z.ZodError} for what defines none
 */
export function definedCase(
  identity: CaseIdentity,
  varies: unknown,
  params: unknown,
  definition: unknown,
  scenariosDir: string | URL,
): Case {
  const { scenario, label, clock, trials, shows } = identity;
  const { devices, faults = [], ...rest } = DefinitionSchema.parse(definition);
  const dir = pathOf(scenariosDir);
  return {
    scenario: ScenarioName.parse(scenario),
    label,
    varies: VariesSchema.parse(varies),
    params: ParamsSchema.parse(params),
    devices: devices.map((device) =>
      device.kind === "replayed" ? { ...device, capture: join(dir, device.capture) } : device
    ),
    ...rest,
    faults,
    clock,
    trials,
    shows,
  };
}

function pathOf(dir: string | URL): string {
  return typeof dir === "string" ? dir : fileURLToPath(dir);
}
