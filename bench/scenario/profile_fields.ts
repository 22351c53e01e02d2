import { z } from "zod";
import type { DeviceProfile } from "../../core/device/profile.ts";
import { choice, countList, flag, integer, ms, msList, number, rate, size } from "./fields.ts";

/** {@linkcode DeviceProfile} key by key: what a device of a scenario may change of its named profile. */
export const PROFILE_FIELDS = {
  p2p: flag({ description: "Whether the device has RUNNING_P2P (and PRE_COPY_P2P)." }),
  precopy: flag({ description: "Whether the device has PRE_COPY." }),
  state_size: size({ description: "The device's whole state." }),
  initial_fraction: number(
    { description: "The part of the state that is announced as initial_bytes, 0 to 1." },
    1,
  ),
  dirty_rate: rate(
    { description: "How fast the running guest dirties state that can be precopied." },
    { example: "16MiB/s" },
  ),
  dirty_span: size({
    description: "How much state the dirtying sweeps over; 0 = all that can be precopied.",
  }),
  dirty_every_reads: integer(
    { description: "After how many reads in PRE_COPY dirty_read_size gets dirty; 0 = never." },
    0,
    2 ** 32 - 1,
  ),
  dirty_read_size: size({ description: "How much gets dirty every dirty_every_reads reads." }),
  chunk_size: size(
    { description: "Dirtying is tracked in chunks of this size." },
    { min: 1, example: "64KiB" },
  ),
  save_rate: rate({ description: "How fast the device gives its state away; 0 = no limit." }),
  load_rate: rate({ description: "How fast the device takes its state; 0 = no limit." }),
  save_mode: choice(
    {
      description:
        "How saved data comes to be: as it is read, by a whole SAVE before, or in chunks after the stop.",
    },
    ["streamed", "whole", "chunks"],
  ),
  save_chunk_size: size(
    { description: "The chunk where save_mode is chunks." },
    { min: 1, example: "8MiB" },
  ),
  dirty_collect: choice(
    { description: "What starts the saving of dirty state: reading it, or only a query (mlx5)." },
    ["read", "query"],
  ),
  read_while_saving: choice(
    { description: "What a read meets while a SAVE that a query started is under way." },
    ["wait", "ENOMSG"],
  ),
  read_limit: size(
    { description: "The most that one read(2) gives; 0 = no limit." },
    { example: "64KiB" },
  ),
  empty_read: choice(
    {
      description:
        "What read(2) answers in PRE_COPY when nothing is left for now: ENOMSG, or 0 as mtty.",
    },
    ["ENOMSG", "0"],
  ),
  precopy_enter_ms: ms({ description: "What RUNNING -> PRE_COPY costs." }),
  suspend_p2p_ms: ms({ description: "What the arc to a P2P state costs while stopping." }),
  suspend_stop_ms: ms({ description: "What the arc that stops the device costs." }),
  stop_copy_enter_ms: ms({ description: "What the arc to STOP_COPY costs." }),
  resuming_enter_ms: ms({ description: "What STOP -> RESUMING costs." }),
  load_finish_ms: ms({ description: "What RESUMING -> STOP costs." }),
  resume_ms: ms({ description: "What the arcs back to RUNNING cost." }),
  prealloc_ms_per_mib: number({
    description:
      "What the destination pays per MiB of state that no initial data had prepared it for.",
  }),
  stop_copy_report: choice(
    { description: "How MIG_DATA_SIZE answers." },
    ["exact", "full-always", "constant", "noisy", "error", "errno-as-length"],
  ),
  stop_copy_constant: size({ description: "The answer where stop_copy_report is constant." }),
  stop_copy_noise: number(
    { description: "The half-width as a fraction where stop_copy_report is noisy." },
    1,
  ),
  precopy_report: choice(
    { description: "How GET_PRECOPY_INFO answers." },
    ["exact", "error"],
  ),
  dirty_report: choice(
    { description: "What dirty_bytes says; after-initial: 0 until the initial data was read." },
    ["exact", "after-initial", "zero"],
  ),
  precopy_error_at_ms: ms({
    description: "When saving in PRE_COPY breaks, so that all must move again; 0 = never.",
  }),
  precopy_info_v2: flag({
    description: "Whether the kernel knows MIG_PRECOPY_INFOv2 for it, and with it REINIT.",
  }),
  reinit_at_ms: msList({
    description: "When, after entering PRE_COPY, the device has new initial data.",
  }),
  reinit_at_reads: countList({
    description: "After how many reads in PRE_COPY the device has new initial data.",
  }),
  reinit_size: size({ description: "How much new initial data there is each time." }),
  slowdown_ratio: number({
    description:
      "For testing the harness: how much longer each read and write takes, as a fraction of its own duration (protocol v2).",
  }),
} as const satisfies { readonly [K in keyof DeviceProfile]: z.ZodType<DeviceProfile[K]> };

/** A whole profile: every key must be there. */
export const ProfileSchema = z.strictObject(PROFILE_FIELDS);
