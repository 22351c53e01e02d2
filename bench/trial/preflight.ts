import { closeChannel, openChannel } from "../../core/channel/mod.ts";
import { readRecording } from "../../core/device/mod.ts";
import { libcSupport } from "../../core/libc/mod.ts";
import { type Case, ScenarioError } from "../scenario/mod.ts";
import { channelOptions } from "./wall_trial.ts";

/**
 * Tries everything that a run needs from outside before anything is written: the platform, every recording,
 * every given port. Throws what is wrong with it.
 */
export async function preflight(cases: readonly Case[]): Promise<void> {
  const wall = cases.filter((one) => one.clock === "wall");
  if (wall.length === 0) return;
  const unsupported = libcSupport();
  if (unsupported !== null) throw new ScenarioError(unsupported);

  const captures = new Set<string>();
  const ports = new Map<number, Case>();
  for (const one of wall) {
    for (const device of one.devices) {
      if (device.kind === "replayed") captures.add(device.capture);
    }
    if (one.params.channel === "tcp" && one.params.port !== 0) ports.set(one.params.port, one);
  }
  for (const capture of captures) await readRecording(capture);
  for (const one of ports.values()) closeChannel(openChannel(channelOptions(one, "")));
}
