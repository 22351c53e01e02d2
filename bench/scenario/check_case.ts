import { checkFaults } from "./check_faults.ts";
import type { DeviceSpec } from "./device_spec.ts";
import type { Case } from "./expand.ts";
import { ScenarioError } from "./scenario_error.ts";

/**
 * Refuses what cannot be played, and says why. A replayed device is not asked for its P2P: what it has
 * stands in its recording.
 *
 * @throws {ScenarioError} for the first reason that is found.
 */
export function checkCase(one: Case): void {
  const { params, devices } = one;
  const where = one.label === "" ? one.scenario : `${one.scenario} (${one.label})`;
  const refuse = (what: string, why: string, next: string): never => {
    throw new ScenarioError(`Cannot play ${where} with ${what}: ${why}; ${next}`);
  };
  // Facts: QEMU adds a migration blocker for several devices unless all of them have P2P.
  const without = devices.find((device) => device.kind !== "replayed" && !hasP2p(device));
  if (params.protocol === "v2" && devices.length > 1 && without !== undefined) {
    refuse(
      `${devices.length} devices`,
      `${without.id} has no P2P, and QEMU blocks the migration of several devices unless all have it`,
      !params.p2p
        ? `set devices=1 or p2p=on`
        : without.kind === "kernel"
        ? `give one --device`
        : `set devices=1 or devices.*.p2p=on`,
    );
  }
  if (params.protocol === "v1") checkRegionCase(one, refuse);
  checkFaults(one, refuse);
  if (params.switchover_ack && params.channel === "file") {
    refuse(
      "switchover_ack over channel=file",
      "nothing comes back from a file",
      "set switchover_ack=off or another channel",
    );
  }
  if (params.switchover_ack && !params.return_path) {
    refuse(
      "switchover_ack and no return_path",
      "the ack comes back on the return path",
      "set return_path=on or switchover_ack=off",
    );
  }
  const virtio = devices.find((device) => device.kind === "virtio");
  if (params.multifd && virtio !== undefined && one.clock === "wall") {
    refuse(
      "multifd on the wall clock",
      `${virtio.id} cannot be handed to a thread of its own`,
      "set multifd=off or clock=virtual",
    );
  }
  // Facts: multifd to a file needs mapped-ram, and device state over multifd excludes mapped-ram.
  if (params.multifd && params.channel === "file") {
    refuse(
      "multifd over channel=file",
      "QEMU has multifd to a file only with mapped-ram, which device state excludes",
      "set multifd=off or another channel",
    );
  }
}

function hasP2p(device: Exclude<DeviceSpec, { readonly kind: "replayed" }>): boolean {
  return device.kind === "kernel" ? device.p2p : device.profile.p2p;
}

/** What protocol v1 cannot do. */
function checkRegionCase(
  { params, devices, region }: Case,
  refuse: (what: string, why: string, next: string) => never,
): void {
  const other = devices.find((device) => device.kind !== "simulated");
  if (other !== undefined) {
    refuse(`protocol=v1`, `${other.id} is a device of protocol v2`, "set protocol=v2");
  }
  if (!region.x_enable_migration) {
    refuse(
      "protocol=v1",
      "it was an experiment that is off unless asked for",
      "set region.x_enable_migration=on",
    );
  }
  if (params.policy !== "qemu-8.1") {
    refuse(
      `protocol=v1 and policy=${params.policy}`,
      "QEMU dropped v1 before 8.0, and qemu-8.1 decides as those before did",
      "set policy=qemu-8.1",
    );
  }
  const { destination_region_size } = region;
  if (destination_region_size > 0 && destination_region_size < 8192) {
    refuse(
      `region.destination_region_size=${destination_region_size}`,
      "its first 4 KiB are the header, and nothing would be left for data",
      "set region.destination_region_size=8KiB or more",
    );
  }
  if (params.switchover_ack) {
    refuse("protocol=v1 and switchover_ack", "acks are younger than v1", "set switchover_ack=off");
  }
  if (params.multifd) {
    refuse("protocol=v1 and multifd", "device state over multifd needs v2", "set multifd=off");
  }
}
