import { readDestination } from "../scenario/destination.ts";
import type { DeviceSpec } from "../scenario/mod.ts";

/**
 * Who says that a state arrived: this harness, which compared both sides' bytes; the destination's driver, at
 * RESUMING -> STOP, of whose checks nobody else knows; or nobody, where the state went to no device.
 */
export type Verifier = "comparison" | "driver" | "nobody";

/** Who verifies a trial with these devices: the weakest of what each of them has. */
export function verifierOf(devices: readonly DeviceSpec[]): Verifier {
  const real = devices.filter((device) => device.kind === "kernel");
  if (real.length === 0) return "comparison";
  return real.some(({ to }) => readDestination(to).kind === "sink") ? "nobody" : "driver";
}
