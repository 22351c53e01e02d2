import { openKernelDevice } from "../../core/device/kernel/open_kernel_device.ts";
import { SinkDevice } from "../../core/device/sink/mod.ts";
import { check } from "../../core/libc/mod.ts";
import { readDestination } from "../scenario/destination.ts";
import type { KernelSpec } from "../scenario/mod.ts";
import type { AnyDevice, RealUse, Role } from "./build_devices.ts";

/** Opens a device of this host, or what takes its state where there is no second one. */
export function openRealDevice(spec: KernelSpec, role: Role, use: RealUse): AnyDevice {
  const { id, precopy, p2p } = spec;
  const to = readDestination(spec.to);
  if (role === "source") return openKernelDevice(spec.device, { id, precopy, p2p, ...use });
  if (to.kind === "device") return openKernelDevice(to.device, { id, precopy, p2p, ...use });
  const sink = SinkDevice.open(id, to.path);
  if (typeof sink !== "number") return sink;
  check(sink, "open", `write the state of ${id} to ${to.path ?? "/dev/null"}`);
  throw new Error("unreachable");
}
