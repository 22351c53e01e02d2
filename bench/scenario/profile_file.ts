import { closestString } from "@std/text/closest-string";
import { z } from "zod";
import type { DeviceProfile } from "../../core/device/profile.ts";
import type { PolicyName } from "../../core/migration/mod.ts";
import { parseBoundedJson, readBoundedText } from "../outside/mod.ts";
import { strictObject } from "./fields.ts";
import { PROFILE_FIELDS } from "./profile_fields.ts";
import { errorOfIssues, ScenarioError } from "./scenario_error.ts";

/** The version of the format; a reader refuses one it does not know. */
export const PROFILE_SCHEMA = "vfio-migbench/profile@1";

const POLICY_NAMES = ["qemu-8.1", "qemu-9.2", "qemu-11.1"] as const;

/** Where a profile's numbers are from. */
const OriginSchema = strictObject({
  log: z.string().meta({ description: "The log that they were taken from." }),
  policy: z.enum(POLICY_NAMES, { error: `expected ${POLICY_NAMES.join(", ")}` })
    .meta({ description: "The generation of QEMU that wrote it." }),
  assumed: z.array(z.string()).meta({
    description: "What the log did not say, and what was taken instead.",
  }),
}, "an object: where the profile is from");

const ProfileFileSchema = strictObject({
  schema: z.literal(PROFILE_SCHEMA, { error: `expected "${PROFILE_SCHEMA}"` }),
  origin: OriginSchema,
  devices: z.record(z.string(), strictObject(PROFILE_FIELDS, "an object: a whole profile"), {
    error: "expected an object: a profile for each device",
  }),
}, "an object: a profile file");

/** A profile file: complete profiles of one device or several, and where they are from. */
export interface ProfileFile {
  readonly schema: typeof PROFILE_SCHEMA;
  readonly origin: {
    readonly log: string;
    readonly policy: PolicyName;
    readonly assumed: readonly string[];
  };
  readonly devices: Readonly<Record<string, DeviceProfile>>;
}

/**
 * Reads a profile file.
 *
 * @throws {ScenarioError} in one line, where it is none
 */
export async function readProfileFile(path: string): Promise<ProfileFile> {
  const refuse = (what: string, error: unknown): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(`Cannot ${what} the profile file ${path}: ${reason}`);
  };
  const text = await readBoundedText(path).catch((error) =>
    refuse("read", error instanceof Deno.errors.NotFound ? "there is no such file" : error)
  );
  let data: unknown;
  try {
    data = parseBoundedJson(text);
  } catch (error) {
    refuse("parse", error);
  }
  const result = ProfileFileSchema.safeParse(data);
  if (!result.success) throw errorOfIssues(result.error.issues, data, path);
  return result.data;
}

/**
 * The profile of one device of the file: the one that is named, else the only one, else the one of that id.
 *
 * @param key Where the file was asked for, for the message
 * @throws {ScenarioError} where that is none
 */
export function profileOf(
  { devices }: ProfileFile,
  id: string,
  name: string | undefined,
  key: string,
): DeviceProfile {
  const names = Object.keys(devices);
  const wanted = name ?? (names.length === 1 ? names[0] ?? id : id);
  const profile = Object.hasOwn(devices, wanted) ? devices[wanted] : undefined;
  if (profile !== undefined) return profile;
  const nearest = names.length === 0 ? "" : `, did you mean #${closestString(wanted, names)}?`;
  throw new ScenarioError(
    `Cannot use ${key}: the file has no device "${wanted}"${nearest} It has ${
      names.join(", ") || "none"
    }`,
  );
}
