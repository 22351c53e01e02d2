/**
 * A case on its way from one process to the other: what the destination needs to know of it, and nothing that
 * names a file or a device of either machine.
 *
 * @module
 */
import * as z from "zod";
import {
  type Case,
  caseDefinition,
  checkCase,
  definedCase,
  type DeviceSpec,
  ScenarioError,
} from "../scenario/mod.ts";
import { plainText } from "./plain_text.ts";

/** Of the file's values only their shape is looked at here; {@linkcode caseOfWire} looks at the rest. */
export const WireCaseSchema = z.strictObject({
  scenario: z.string().max(200),
  label: z.string().max(2000),
  trials: z.int().min(1).max(1_000_000),
  shows: z.enum(["downtime", "estimates"]),
  params: z.record(z.string(), z.unknown()),
  definition: z.record(z.string(), z.unknown()),
});

export type WireCase = Readonly<z.infer<typeof WireCaseSchema>>;

/** Where recordings would be told from; there are none on the way. */
const NOWHERE = "/";
const DEVICE_ID = /^[\x20-\x7e]{1,200}$/;

/**
 * The case as it is sent.
 *
 * @throws {ScenarioError} for one that only a single process can play
 */
export function wireOfCase(one: Case): WireCase {
  const { scenario, label, trials, shows, params, clock } = one;
  const where = label === "" ? scenario : `${scenario} (${label})`;
  const refuse = (why: string): never => {
    throw new ScenarioError(`Cannot play ${where} with --connect: ${why}`);
  };
  if (clock === "virtual") refuse("no bytes move on the virtual clock; use --clock wall");
  if (params.channel !== "unix" && params.channel !== "tcp") {
    refuse(`channel=${params.channel} is of one process; leave it out, --connect says what it is`);
  }
  if (one.faults.length > 0) refuse("faults are injected where both sides are in one process");
  const devices = one.devices.map((device): DeviceSpec => {
    switch (device.kind) {
      case "replayed":
        return refuse(`${device.id} is a recording, which is a file of this machine`);
      case "kernel":
        return { ...device, device: "", to: "" };
      case "virtio":
        return { ...device, given: {} };
      case "simulated": {
        const { base: _, ...rest } = device;
        return { ...rest, given: {} };
      }
    }
  });
  const definition = caseDefinition({ ...one, devices }, NOWHERE);
  return {
    scenario,
    label,
    trials,
    shows,
    params: { ...params },
    definition: { ...definition },
  };
}

/**
 * The case that was sent, by the very rules that a scenario file goes by.
 *
 * @param realDevices What the real devices among its devices are here, in their order
 * @throws {ScenarioError} in one line, for what is no case or is none that can be taken
 */
export function caseOfWire(wire: WireCase, realDevices: readonly string[]): Case {
  const { scenario, label, trials, shows, params, definition } = wire;
  let one: Case;
  try {
    const identity = { scenario, label, trials, shows, clock: "wall" } as const;
    one = definedCase(identity, {}, params, definition, NOWHERE);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issue = error.issues[0];
    throw new ScenarioError(
      `what was sent is no case: ${plainText(issue?.path.join(".") ?? "")}: ${
        plainText(issue?.message ?? "damaged")
      }`,
    );
  }
  if (one.faults.length > 0) {
    throw new ScenarioError("it has faults, and a peer injects none here");
  }
  const ids = one.devices.map(({ id }) => id);
  if (new Set(ids).size !== ids.length || !ids.every((id) => DEVICE_ID.test(id))) {
    throw new ScenarioError(
      "what was sent is no case: its devices' ids are not names of their own",
    );
  }
  if (ids.length !== one.params.devices) {
    throw new ScenarioError(
      `what was sent is no case: it has ${ids.length} devices and says ${one.params.devices}`,
    );
  }
  const ours = { ...one, devices: withRealDevices(one.devices, realDevices) };
  checkCase(ours);
  return ours;
}

/** Real devices of this side come from its own command line alone. */
function withRealDevices(
  devices: readonly DeviceSpec[],
  realDevices: readonly string[],
): DeviceSpec[] {
  let next = 0;
  const wanted = devices.filter(({ kind }) => kind === "kernel").length;
  return devices.map((device) => {
    if (device.kind === "replayed") {
      throw new ScenarioError(`${device.id} is a recording, and files are not taken from a peer`);
    }
    if (device.kind !== "kernel") return device;
    if (device.device !== "" || device.to !== "") {
      throw new ScenarioError(
        `${device.id} names a device of this machine, which is for this machine to say`,
      );
    }
    const to = realDevices[next++];
    if (to !== undefined) return { ...device, to };
    throw new ScenarioError(
      `it has ${wanted} real devices, and ${realDevices.length} were given here: listen with --device DEV for each`,
    );
  });
}
