import { REGION_REGISTER, regionPlaceName } from "../../vfio/region/mod.ts";
import { callFailure, type Failure, type Phase } from "../migration_error.ts";
import type { RegionAccess } from "./region_access.ts";

/**
 * What a sequence's negative errno means, in words: "Cannot read data_offset of nic0 in precopy: pread at 16
 * gave EIO (...)".
 */
export function regionFailure(access: RegionAccess, phase: Phase, result: number): Failure {
  const { device, failedCall, failedOffset } = access;
  switch (failedCall) {
    case "pread":
    case "pwrite": {
      const what = `${failedCall === "pread" ? "read" : "write"} ${regionPlaceName(failedOffset)}`;
      const failure = callFailure(
        what,
        device.id,
        phase,
        `${failedCall} at ${failedOffset}`,
        result,
      );
      if (!access.inError || failedOffset !== REGION_REGISTER.DEVICE_STATE) return failure;
      return { ...failure, message: `${failure.message}; it is in error until it is reset` };
    }
    case "VFIO_IOMMU_DIRTY_PAGES":
      return callFailure("track the dirty pages", device.id, phase, failedCall, result);
    case "send":
      return callFailure("send the data", device.id, phase, "write", result);
    default:
      return callFailure("move the data", device.id, phase, failedCall ?? "a call", result);
  }
}
