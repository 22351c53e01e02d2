import { findDevice, openDevice } from "../../../../core/device/kernel/mod.ts";
import type { DeviceProfile } from "../../../../core/device/profile.ts";
import {
  ACCESS,
  access,
  close,
  OPEN,
  open,
  read,
  type Region,
  regionOf,
  write,
} from "../../../../core/libc/mod.ts";
import { RawDevice } from "./raw_device.ts";

/** How this kernel lets a device be opened; without iommufd only by group. */
export const WAYS = access("/dev/iommu", ACCESS.F_OK) === 0
  ? ["group", "cdev"] as const
  : ["group"] as const;

const DEVICES = "/sys/bus/platform/devices";

/** One of the module's devices by what it shows in sysfs: `migdev(0)` is migdev.0. */
export class Migdev {
  readonly name: string;
  readonly #memory: Region = regionOf(new ArrayBuffer(4096));

  constructor(index: number) {
    this.name = `migdev.${index}`;
  }

  /** Writes an attribute; 0, or a negative errno. */
  tryWrite(attribute: string, value: string): number {
    const fd = open(`${DEVICES}/${this.name}/${attribute}`, OPEN.O_WRONLY);
    if (fd < 0) return fd;
    const { written = 0 } = new TextEncoder().encodeInto(value, this.#memory.bytes);
    const n = write(fd, this.#memory.pointer, written);
    close(fd);
    return n < 0 ? n : 0;
  }

  set(attribute: string, value: string | number): void {
    const result = this.tryWrite(attribute, `${value}`);
    if (result < 0) throw new Error(`Cannot set ${attribute} to ${value}: received ${result}`);
  }

  get(attribute: string): string {
    const fd = open(`${DEVICES}/${this.name}/${attribute}`, OPEN.O_RDONLY);
    if (fd < 0) throw new Error(`Cannot read ${attribute}: received ${fd}`);
    const n = read(fd, this.#memory.pointer, this.#memory.bytes.length);
    close(fd);
    if (n < 0) throw new Error(`Cannot read ${attribute}: received ${n}`);
    return new TextDecoder().decode(this.#memory.bytes.slice(0, n)).trimEnd();
  }

  /** All defaults but for these keys of a simulated device's profile. */
  use(profile: Partial<DeviceProfile>): void {
    this.set("defaults", 1);
    for (const [key, value] of Object.entries(profile)) {
      if (key === "precopy_info_v2") continue; // the kernel's, not the device's
      const text = typeof value === "boolean"
        ? `${Number(value)}`
        : Array.isArray(value)
        ? value.join(" ")
        : `${value}`;
      this.set(key, text);
    }
  }

  open(way: "group" | "cdev" = "group"): RawDevice {
    return new RawDevice(this.name, openDevice({ ...findDevice(this.name), way }));
  }
}
