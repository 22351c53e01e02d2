import type { z } from "zod";
import type { VirtioProfile } from "../../core/device/virtio/virtio_profile.ts";
import { flag, ms, msList, number, rate, size } from "./fields.ts";

/** {@linkcode VirtioProfile} key by key: what a scenario may change of the profile `virtio-net`. */
export const VIRTIO_FIELDS = {
  p2p: flag({ description: "Whether the device has RUNNING_P2P (and PRE_COPY_P2P)." }),
  precopy: flag({ description: "Whether the device has PRE_COPY." }),
  state_size: size({ description: "All device parts together; there is no moving of less." }),
  dirty_rate: rate(
    { description: "How fast the running guest changes state." },
    { example: "1MiB/s" },
  ),
  admin_command_ms: ms({ description: "What any admin command of the VF's owner takes." }),
  save_rate: rate({ description: "How fast the device gives its parts; 0 = no limit." }),
  load_rate: rate({ description: "How fast the device takes its parts; 0 = no limit." }),
  suspend_ms: ms({ description: "What stopping the device costs." }),
  resume_ms: ms({ description: "What starting the device costs." }),
  prepare_ms: ms({ description: "What the first parts that a destination takes cost besides." }),
  prepare_ms_per_mib: number({ description: "The same, per MiB of state." }),
  refresh_period_ms: ms({ description: "How often in PRE_COPY the driver asks the device anew." }),
  refresh_error_at_ms: msList({
    description: "When, after entering PRE_COPY, the next refresh fails.",
  }),
  record_limit: size({ description: "The largest record that the destination takes." }),
} as const satisfies { readonly [K in keyof VirtioProfile]: z.ZodType<VirtioProfile[K]> };
