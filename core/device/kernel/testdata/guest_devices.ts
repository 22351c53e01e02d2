/** The devices of the guest that `deno task vm` boots: two mttys, and migdevs whose attributes are in sysfs. */
import { assert, assertEquals } from "@std/assert";
import { ERRNO, readDirectory, readLink, type Region, regionOf } from "../../../libc/mod.ts";
import { DEVICE_STATE } from "../../../vfio/mod.ts";
import type { Device } from "../../device.ts";
import { deviceByName, vfioDevices } from "../host_device.ts";

const { RUNNING, RUNNING_P2P, STOP_COPY, RESUMING, PRE_COPY, PRE_COPY_P2P } = DEVICE_STATE;

/** The two ways into a device, by the files that name them. */
export type Way = "group" | "cdev";

export const WAYS: readonly Way[] = ["group", "cdev"];

/** A device's file, for the way in. */
export function fileOf(name: string, way: Way): string {
  const device = deviceByName("", name);
  assert(device !== null, `the guest has no ${name}`);
  return way === "group" ? `/dev/vfio/${device.group}` : `/dev/vfio/devices/${device.cdev}`;
}

/** The mttys' names. */
export function mttys(): string[] {
  return vfioDevices().filter(({ driver }) => driver === "mtty").map(({ name }) => name);
}

/** Sets attributes of a migdev. */
export function setMigdev(name: string, values: Readonly<Record<string, string | number>>): void {
  for (const [attribute, value] of Object.entries(values)) {
    Deno.writeTextFileSync(attributePath(name, attribute), String(value));
  }
}

/** What an attribute of a migdev says. */
export function getMigdev(name: string, attribute: string): string {
  return Deno.readTextFileSync(attributePath(name, attribute)).trim();
}

function attributePath(name: string, attribute: string): string {
  return `/sys/bus/platform/devices/${name}/${attribute}`;
}

/** A pair of migdevs as after loading the module, alike but for what is in them. */
export function freshMigdevs(
  values: Readonly<Record<string, string | number>> = {},
): [source: string, destination: string] {
  for (const name of ["migdev.0", "migdev.1"]) {
    setMigdev(name, { defaults: 1, ...values });
  }
  return ["migdev.0", "migdev.1"];
}

const buffer: Region = regionOf(new ArrayBuffer(1024 * 1024));

/** What moved in a migration, in bytes. */
export interface Moved {
  readonly precopy: number;
  readonly stopCopy: number;
}

/** A migration as the engine does it, in one thread: precopy until nothing is left for now, then the rest. */
export function moveState(source: Device, destination: Device): Moved {
  assertEquals([source.setState(PRE_COPY), destination.setState(RESUMING)], [0, 0]);
  const precopy = moveAll(source, destination);
  assertEquals([source.setState(PRE_COPY_P2P), source.setState(STOP_COPY)], [0, 0]);
  const stopCopy = moveAll(source, destination);
  assertEquals([destination.setState(RUNNING_P2P), destination.setState(RUNNING)], [0, 0]);
  return { precopy, stopCopy };
}

/** Moves what there is to read now; how much it was. */
export function moveAll(source: Device, destination: Device): number {
  for (let bytes = 0;;) {
    const n = source.read(buffer, buffer.bytes.length);
    if (n === 0 || n === -ERRNO.ENOMSG) return bytes;
    assert(n > 0, `read gave ${n}`);
    assertEquals(writeAll(destination, buffer, n), 0);
    bytes += n;
  }
}

/** Writes the region's first bytes; 0, or the negative errno that it failed with. */
export function writeAll(destination: Device, region: Region, length: number): number {
  for (let done = 0; done < length;) {
    const n = destination.write(region, done, length - done);
    if (n < 0) return n;
    done += n;
  }
  return 0;
}

/** What of VFIO this process has open: devices, groups, containers, iommufds and data_fds. */
export function openVfioFiles(): string[] {
  const fds = readDirectory("/proc/self/fd");
  assert(typeof fds !== "number");
  const targets = fds.map((fd) => readLink(`/proc/self/fd/${fd}`));
  return targets.filter((target) => typeof target === "string")
    .filter((target) => /vfio|iommu|migdev|mtty/.test(target));
}
