import { ERRNO } from "../../libc/mod.ts";
import type { DataSize } from "../device.ts";
import type { DeviceProfile } from "../profile.ts";
import { fullBytes, type StateStream, stopCopyBytes } from "./state_stream.ts";

/** MIG_DATA_SIZE as a device of this profile answers it: rightly, or wrong in its own way. */
export function reportDataSize(
  profile: DeviceProfile,
  stream: StateStream,
  isSaving: boolean,
  random: () => number,
  out: DataSize,
): number {
  switch (profile.stop_copy_report) {
    case "exact":
      out.stopCopyLength = isSaving ? stopCopyBytes(stream) : fullBytes(stream);
      return 0;
    case "full-always":
      out.stopCopyLength = fullBytes(stream);
      return 0;
    case "constant":
      out.stopCopyLength = profile.stop_copy_constant;
      return 0;
    case "noisy": {
      const truth = isSaving ? stopCopyBytes(stream) : fullBytes(stream);
      const factor = 1 + profile.stop_copy_noise * (2 * random() - 1);
      out.stopCopyLength = Math.max(0, Math.round(truth * factor));
      return 0;
    }
    case "error":
      return -ERRNO.EIO;
    case "errno-as-length":
      // The driver stored a negative errno in the length and called it success.
      out.stopCopyLength = -ERRNO.EINVAL;
      return 0;
  }
}
