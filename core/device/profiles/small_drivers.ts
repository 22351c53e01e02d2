import { GENERIC_PROFILE } from "../profile.ts";
import type { DriverProfile } from "./driver_profile.ts";

const KIB = 1024;

/** facts: PRE_COPY is used for an early compatibility check only, there is no P2P, and the length is fixed. */
export const hisiAcc: DriverProfile = {
  about:
    "HiSilicon crypto/zip/RSA VF: no P2P, precopy moves the match data only, dirty is always 0",
  profile: {
    ...GENERIC_PROFILE,
    p2p: false,
    // facts: hundreds of bytes.
    state_size: 512,
    initial_fraction: 0.125,
    chunk_size: 64,
    dirty_report: "zero",
    stop_copy_report: "constant",
    stop_copy_constant: 512,
    suspend_stop_ms: 5,
  },
};

/** facts: a setup part first, the rest once stopped; the size is the whole state's, always. */
export const qat: DriverProfile = {
  about: "QuickAssist VF: precopy moves the setup part only, the size is the whole state's",
  profile: {
    ...GENERIC_PROFILE,
    state_size: 64 * KIB,
    initial_fraction: 0.0625,
    chunk_size: 4 * KIB,
    dirty_report: "zero",
    stop_copy_report: "full-always",
    suspend_stop_ms: 5,
  },
};

/** facts: 64 KiB are reported whatever the truth, and there is no PRE_COPY. */
export const pds: DriverProfile = {
  about: "Pensando VF: no precopy, says 64 KiB whatever the truth",
  profile: {
    ...GENERIC_PROFILE,
    precopy: false,
    // Assumed: less than what is reported.
    state_size: 24 * KIB,
    chunk_size: 4 * KIB,
    stop_copy_report: "constant",
    stop_copy_constant: 64 * KIB,
    suspend_stop_ms: 5,
  },
};

/** facts: the kernel's sample: a few bytes, and read(2) gives 0 where others say ENOMSG. */
export const mtty: DriverProfile = {
  about: "The kernel's sample driver: a few bytes, precopy ends with a read of 0",
  profile: {
    ...GENERIC_PROFILE,
    state_size: 1 * KIB,
    initial_fraction: 0.5,
    chunk_size: 64,
    empty_read: "0",
    dirty_report: "zero",
    stop_copy_report: "full-always",
  },
};
