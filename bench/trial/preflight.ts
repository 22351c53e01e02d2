import { closeChannel, openChannel } from "../../core/channel/mod.ts";
import { libcSupport } from "../../core/libc/mod.ts";
import { type Case, formatSize, isProfiled, ScenarioError } from "../scenario/mod.ts";
import { channelOptions } from "./trial_channels.ts";

/**
 * Tries everything that a run needs from outside before anything is written: the platform, memory,
 * every given port; recordings are `openRecordings`'. Throws what is wrong with it.
 *
 * @param recorded Whether the devices' sessions are to be recorded
 */
export function preflight(cases: readonly Case[], recorded = false): void {
  for (const one of cases) {
    if (recorded) checkRecordable(one);
    const replayed = one.devices.find((device) => device.kind === "replayed");
    if (one.clock !== "virtual" || replayed === undefined) continue;
    throw new ScenarioError(
      `Cannot play ${one.scenario} on the virtual clock: ${replayed.id} is a recording, whose bytes and times are real; use --clock wall`,
    );
  }
  const wall = cases.filter((one) => one.clock === "wall");
  if (wall.length === 0) return;
  const unsupported = libcSupport();
  if (unsupported !== null) throw new ScenarioError(unsupported);

  for (const one of wall) checkMemory(one);
  const ports = new Map<number, Case>();
  for (const one of wall) {
    if (one.params.channel === "tcp" && one.params.port !== 0) ports.set(one.params.port, one);
  }
  for (const one of ports.values()) closeChannel(openChannel(channelOptions(one, "")));
}

/** What is recorded is a data_fd's session that one thread makes. */
function checkRecordable({ scenario, label, params, clock }: Case): void {
  const why = clock === "virtual"
    ? "no bytes move on the virtual clock; use --clock wall"
    : params.multifd
    ? "several threads share a device there; set multifd=off"
    : params.protocol === "v1"
    ? "protocol v1 has no data_fd; set protocol=v2"
    : null;
  if (why === null) return;
  const where = label === "" ? scenario : `${scenario} (${label})`;
  throw new ScenarioError(`Cannot record ${where}: ${why}`);
}

/**
 * Every state is in memory twice, at the source and at the destination. One that does not fit would not
 * fail: the kernel would end some process to make room.
 */
function checkMemory({ scenario, label, devices, ram }: Case): void {
  const states = devices.map((device) => isProfiled(device) ? device.profile.state_size : 0);
  const needed = 2 * (states.reduce((a, b) => a + b, 0) + ram.size);
  const { available } = Deno.systemMemoryInfo();
  if (needed <= available) return;
  throw new ScenarioError(
    `Cannot play ${scenario}${
      label === "" ? "" : ` (${label})`
    } on the wall clock: its states need ${formatSize(needed)} of memory and ${
      formatSize(available)
    } are free; make state_size or ram.size smaller`,
  );
}
