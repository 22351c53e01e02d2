import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import type { DriverProfile } from "./driver_profile.ts";

const MIB = 1024 * 1024;

/** What the two have in common. Latencies are assumed, of the order that multifd's measurements show. */
const base: DeviceProfile = {
  ...GENERIC_PROFILE,
  // facts: about 100 MiB per ConnectX-7 VF.
  state_size: 100 * MIB,
  dirty_rate: 20e6,
  dirty_span: 16 * MIB,
  save_rate: 2e9,
  load_rate: 2e9,
  // facts: an incremental SAVE only starts from the query, which waits for a SAVE that is under way.
  dirty_collect: "query",
  // facts: while initial data is unread, dirty is reported 0.
  dirty_report: "after-initial",
  // facts: MIG_DATA_SIZE asks the firmware for the non-incremental size.
  stop_copy_report: "full-always",
  suspend_p2p_ms: 60,
  suspend_stop_ms: 40,
  stop_copy_enter_ms: 60,
  load_finish_ms: 20,
  resume_ms: 20,
  prealloc_ms_per_mib: 1.1,
};

/** ConnectX VF, firmware with chunk mode, driver since 2026-03. */
export const mlx5: DriverProfile = {
  about:
    "ConnectX VF, chunk mode: the size is the full one after precopy too, dirty data waits for a query",
  profile: { ...base, save_mode: "chunks", save_chunk_size: 8 * MIB, read_while_saving: "wait" },
};

/** The same before the REINIT series: a read during a SAVE finds an empty list. */
export const mlx5Older: DriverProfile = {
  about:
    "ConnectX VF before 2026-03, no chunks: a read during a SAVE says ENOMSG, and QEMU forgets the rest",
  profile: { ...base, save_mode: "whole", read_while_saving: "ENOMSG" },
};
