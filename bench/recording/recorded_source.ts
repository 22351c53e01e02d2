import { closestString } from "@std/text/closest-string";
import { wallClock } from "../../core/clock/mod.ts";
import {
  closeRecording,
  type Device,
  readRecording,
  SimulatedDevice,
} from "../../core/device/mod.ts";
import { openKernelDevice } from "../../core/device/kernel/mod.ts";
import {
  applyOverrides,
  type Case,
  expandCases,
  isParamName,
  PROFILE_NAMES,
  ScenarioSchema,
} from "../scenario/mod.ts";
import { buildDevices, preflight } from "../trial/mod.ts";
import { UsageError } from "../usage_error.ts";
import { replayParams } from "./replay_params.ts";

/** What is recorded: a device of this host, a recording that is played again, or a simulated one. */
export type RecordedSource =
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "recording"; readonly path: string }
  | { readonly kind: "simulated"; readonly profile: string };

/** The policy that knows all that a driver can say. */
const POLICY = "qemu-11.1";

/** Its id, where it has no better name. */
const ID = "dev0";

/**
 * The case that a session is made by: its parameters, and the device where it is not a real one.
 *
 * @param sets As `--set` has them; a key without a dot that is no parameter is the simulated device's
 * @throws {UsageError}, {ScenarioError} or {RecordingError} with what is wrong
 */
export async function sessionCase(
  source: RecordedSource,
  sets: readonly string[],
): Promise<Case> {
  if (source.kind === "simulated" && !PROFILE_NAMES.includes(source.profile)) {
    throw new UsageError(
      `Cannot simulate ${source.profile}: there is no such profile, did you mean ${
        closestString(source.profile, PROFILE_NAMES)
      }? There are ${PROFILE_NAMES.join(", ")}`,
    );
  }
  const scenario = ScenarioSchema.parse({
    name: "record",
    question: "What does this device answer?",
    clock: "wall",
    params: source.kind === "recording" ? await paramsOf(source.path) : { policy: POLICY },
    devices: [
      source.kind === "recording"
        ? { id: ID, capture: source.path }
        // A real device has no profile; the keys of one are refused below.
        : { id: ID, profile: source.kind === "simulated" ? source.profile : "generic" },
    ],
  });
  const full = sets.map((pair) => {
    const key = pair.split("=")[0] ?? "";
    return key.includes(".") || isParamName(key) ? pair : `devices.${ID}.${pair}`;
  });
  const foreign = full.find((pair) => pair.startsWith("devices."));
  if (source.kind !== "simulated" && foreign !== undefined) {
    throw new UsageError(`Cannot set ${foreign}: only a simulated device can be set`);
  }
  const [one] = expandCases(applyOverrides(scenario, full));
  if (one === undefined) throw new TypeError("Cannot make a case: received none");
  return one;
}

async function paramsOf(path: string): Promise<Record<string, unknown>> {
  const recording = await readRecording(path);
  closeRecording(recording);
  return replayParams(recording);
}

/**
 * Opens what is recorded.
 *
 * @param withData Whether its bytes are wanted: a simulated device has none otherwise, and needs no memory
 * @throws {DeviceError}, {RecordingError} or {ScenarioError} with what is wrong; nothing is left open then
 */
export async function openSource(
  source: RecordedSource,
  one: Case,
  withData: boolean,
): Promise<Device> {
  if (source.kind === "device") return openKernelDevice(source.device, { id: source.device });
  const [spec] = one.devices;
  if (spec?.kind === "simulated" && !withData) {
    const { id, profile } = spec;
    return new SimulatedDevice({ id, profile, clock: wallClock, memory: null });
  }
  preflight([one], true);
  const use = { waitMs: one.params.max_time_ms, cancel: new SharedArrayBuffer(4) };
  const [device] = await buildDevices(one.devices, "source", one.seed, use);
  if (device !== undefined && "read" in device) return device;
  device?.close();
  throw new UsageError("Cannot record this device: it has no data_fd");
}
