import {
  type Fault,
  isChannelFault,
  isDeviceFault,
  isLieFault,
  isUserFault,
  isWorkerFault,
} from "../../core/fault/mod.ts";

/** What a fault is, whatever its device, side and moment: `read EIO`, `channel drop`, `worker precopy`. */
export function kindOf(fault: Fault): string {
  if (isLieFault(fault)) return `lie ${fault.lie}`;
  if (isDeviceFault(fault)) return `${fault.call} ${fault.give}`;
  if (isChannelFault(fault)) {
    return `${fault.on === "channel" ? "channel" : "multifd"} ${fault.give}`;
  }
  if (isWorkerFault(fault)) return `worker ${fault.side} ${fault.at}`;
  if (isUserFault(fault)) return `user ${fault.at}`;
  return `host ${fault.side} ${fault.give}`;
}
