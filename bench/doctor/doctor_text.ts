import { formatSize } from "../scenario/mod.ts";
import type { DoctorDevice, DoctorDocument } from "./doctor_document.ts";
import type { Abilities } from "./abilities.ts";
import type { Obstacle } from "./diagnose.ts";

/** The findings for people to read. */
export function doctorText(found: DoctorDocument): string {
  const { devices, candidates, obstacles } = found;
  const ofDevice = (name: string | null) => obstacles.filter(({ device }) => device === name);
  return [
    ...obstacleLines(ofDevice(null), ""),
    devices.length === 0 ? "No VFIO driver has a device." : "VFIO devices:",
    ...devices.flatMap((device) => [
      `  ${placeText(device)}${device.cdev === null ? "" : `, /dev/vfio/devices/${device.cdev}`}`,
      ...(device.abilities === null ? [] : [`    ${abilitiesText(device.abilities)}`]),
      ...obstacleLines(ofDevice(device.name), "    "),
    ]),
    ...(candidates.length === 0 ? [] : ["Devices that VFIO could have:"]),
    ...candidates.flatMap((device) => [
      `  ${placeText(device)}`,
      ...obstacleLines(ofDevice(device.name), "    "),
    ]),
    ...limitLines(found),
  ].join("\n");
}

function placeText(device: Pick<DoctorDevice, "name" | "bus" | "driver" | "iommu_group">): string {
  const { name, bus, driver, iommu_group } = device;
  const group = iommu_group === null ? "no IOMMU group" : `IOMMU group ${iommu_group}`;
  return `${name} (${bus}), ${driver ?? "no driver"}, ${group}`;
}

function abilitiesText(abilities: Abilities): string {
  if (!abilities.stop_copy) return "no migration";
  const words = [
    "STOP_COPY",
    ...(abilities.p2p ? ["P2P"] : []),
    ...(abilities.pre_copy ? ["PRE_COPY"] : []),
    ...(abilities.precopy_info_v2 ? ["PRECOPY_INFOv2 (REINIT)"] : []),
    ...(abilities.dma_logging ? ["DMA logging"] : []),
    ...(abilities.reset ? [] : ["(says that it has no reset)"]),
  ];
  const size = abilities.stop_copy_length_bytes;
  return `${words.join(" ")}${size === null || size < 0 ? "" : `; ${formatSize(size)} to save`}`;
}

function obstacleLines(obstacles: readonly Obstacle[], indent: string): string[] {
  return obstacles.flatMap(({ why, mend }) => [
    `${indent}${why}${mend === null ? "" : ":"}`,
    ...(mend === null ? [] : [`${indent}  ${mend}`]),
  ]);
}

/** Below this, a guest of QEMU with a device of an IOMMU does not start. */
const SMALL_MEMLOCK = 64 * 1024 * 1024;

/** The harness maps no memory for a device; who also wants to run QEMU with it is told. */
function limitLines({ memlock_bytes, devices }: DoctorDocument): string[] {
  if (devices.length === 0 || memlock_bytes === null || memlock_bytes > SMALL_MEMLOCK) return [];
  return [
    `Only ${
      formatSize(memlock_bytes)
    } may be locked. That is enough here; QEMU with such a device wants its RAM locked:`,
    "  ulimit -l unlimited",
  ];
}
