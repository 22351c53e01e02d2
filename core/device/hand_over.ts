import type { Clock } from "../clock/mod.ts";
import type { Device } from "./device.ts";
import { FaultyDevice, type FaultyHandover } from "./faulty/faulty_device.ts";
import { KernelDevice, type KernelHandover } from "./kernel/kernel_device.ts";
import { ReplayedDevice, type ReplayedHandover } from "./replayed/replayed_device.ts";
import { SimulatedDevice, type SimulatedHandover } from "./simulated/simulated_device.ts";
import { SinkDevice, type SinkHandover } from "./sink/sink_device.ts";

/** A device as plain data that a `postMessage` can carry. Its fds are good in every thread of the process. */
export type DeviceHandover =
  | SimulatedHandover
  | ReplayedHandover
  | KernelHandover
  | SinkHandover
  | FaultyHandover;

/**
 * A device that another thread can use for a while. One thread uses it at a time: nothing but `image` may be
 * called between a `handOver` and the `takeBack`.
 *
 * ```text
 *   handOver() ---postMessage---> takeOverDevice(handover, clock)
 *                                    setState, read, write ...
 *   takeBack(handover) <--postMessage--- handOver()
 *   close()
 * ```
 *
 * The fds stay the first thread's: it closes the device, the other one just forgets it.
 */
export interface MovableDevice extends Device {
  handOver(): DeviceHandover;
  takeBack(handover: DeviceHandover): void;
}

/** Whether something is a device that can be handed over. */
export function isMovable(device: object): device is MovableDevice {
  if (device instanceof FaultyDevice) return isMovable(device.inner);
  return device instanceof SimulatedDevice || device instanceof ReplayedDevice ||
    device instanceof KernelDevice || device instanceof SinkDevice;
}

/**
 * The device that another thread handed over.
 *
 * @param handover What its `handOver` gave
 * @param clock This thread's clock, which must agree with the other's
 */
export function takeOverDevice(handover: DeviceHandover, clock: Clock): MovableDevice {
  switch (handover.kind) {
    case "simulated":
      return SimulatedDevice.takeOver(handover, clock);
    case "replayed":
      return ReplayedDevice.takeOver(handover, clock);
    case "kernel":
      return KernelDevice.takeOver(handover);
    case "sink":
      return SinkDevice.takeOver(handover);
    case "faulty":
      return FaultyDevice.takeOver(handover, takeOverDevice(handover.inner, clock), clock);
  }
}
