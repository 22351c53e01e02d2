/**
 * What a simulated device is like, as plain data: what it reports, when it blocks, what its arcs cost.
 * Sizes are bytes, rates bytes per second (0 = no limit), latencies milliseconds. The keys are those of
 * the scenario files, so that a profile read from JSON is used as it is.
 *
 *     state  |<------------------------- state_size ------------------------->|
 *            |<-- initial_fraction x state_size -->|                          |
 *            |   precopied first, then again where |   moves only in          |
 *            |   the guest dirties it (dirty_span) |   STOP_COPY              |
 */
export interface DeviceProfile {
  /** Whether the device has RUNNING_P2P (and PRE_COPY_P2P where it has PRE_COPY). */
  readonly p2p: boolean;
  /** Whether the device has PRE_COPY. */
  readonly precopy: boolean;
  /** The device's whole state. */
  readonly state_size: number;
  /** The part of the state, from its start, that is announced as initial_bytes; 0 to 1. */
  readonly initial_fraction: number;
  /** How fast the running guest dirties state that can be precopied. */
  readonly dirty_rate: number;
  /** How much state the guest's dirtying sweeps over before it starts again; 0 = all that can be precopied. */
  readonly dirty_span: number;
  /**
   * Dirtying by count: after every so many reads in PRE_COPY (0 = never), so many bytes more get dirty. The same
   * at each of them whatever the time, so that two runs can be held against each other call by call.
   */
  readonly dirty_every_reads: number;
  readonly dirty_read_size: number;
  /** Dirtying is tracked in chunks of this size. */
  readonly chunk_size: number;
  /** How fast the device gives its state away, and takes it. */
  readonly save_rate: number;
  readonly load_rate: number;
  /**
   * How saved data comes to be. `streamed`: as it is read, at save_rate. `whole`: a SAVE of the whole image,
   * at save_rate, must be over before any of it can be read. `chunks`: whole in PRE_COPY; after the stop the
   * device works ahead by two chunks and stalls until one of them is read.
   */
  readonly save_mode: "streamed" | "whole" | "chunks";
  readonly save_chunk_size: number;
  /** What starts the saving of dirty state: the reading of it, or only VFIO_MIG_GET_PRECOPY_INFO (mlx5). */
  readonly dirty_collect: "read" | "query";
  /** What a read meets while a SAVE that a query started is under way: it waits, or ENOMSG as mlx5 had it before 2026-03. */
  readonly read_while_saving: "wait" | "ENOMSG";
  /** The most one read(2) gives, so that reads are short; 0 = no limit. */
  readonly read_limit: number;
  /** What read(2) answers in PRE_COPY when nothing is left for now: most drivers ENOMSG, mtty 0. */
  readonly empty_read: "ENOMSG" | "0";
  /** What the arcs cost. */
  readonly precopy_enter_ms: number;
  readonly suspend_p2p_ms: number;
  readonly suspend_stop_ms: number;
  readonly stop_copy_enter_ms: number;
  readonly resuming_enter_ms: number;
  readonly load_finish_ms: number;
  readonly resume_ms: number;
  /** What the destination pays, per MiB of state that no initial data had prepared it for, when that state arrives. */
  readonly prealloc_ms_per_mib: number;
  /** How MIG_DATA_SIZE answers: the truth, the whole state always, a constant, an errno, or an errno stored as a length. */
  readonly stop_copy_report:
    | "exact"
    | "full-always"
    | "constant"
    | "noisy"
    | "error"
    | "errno-as-length";
  /** The constant's value; for `noisy` the half-width as a fraction. */
  readonly stop_copy_constant: number;
  readonly stop_copy_noise: number;
  /** How VFIO_MIG_GET_PRECOPY_INFO answers: the truth, or an errno. */
  readonly precopy_report: "exact" | "error";
  /** What dirty_bytes says: the truth, the truth once the initial data was read, or always 0. */
  readonly dirty_report: "exact" | "after-initial" | "zero";
  /** When saving in PRE_COPY breaks: nothing more can be precopied, and stop-copy moves everything again; 0 = never. */
  readonly precopy_error_at_ms: number;
  /** Whether the kernel knows MIG_PRECOPY_INFOv2 for it, and with it REINIT. */
  readonly precopy_info_v2: boolean;
  /** When the device, while in PRE_COPY, has new initial data: fixed moments after entering PRE_COPY, and how much each time. */
  readonly reinit_at_ms: readonly number[];
  /** The same by count: after so many reads in PRE_COPY. */
  readonly reinit_at_reads: readonly number[];
  readonly reinit_size: number;
  /**
   * For testing the harness: every read and write of the data_fd takes this fraction of its own duration longer,
   * so that a comparison has a slowdown of known size to find. 0 = none.
   */
  readonly slowdown_ratio: number;
}

/** A device with every manner at its simplest: precopy and P2P, honest answers, no latency, 64 MiB. */
export const GENERIC_PROFILE: DeviceProfile = {
  p2p: true,
  precopy: true,
  state_size: 64 * 1024 * 1024,
  initial_fraction: 1,
  dirty_rate: 0,
  dirty_span: 0,
  dirty_every_reads: 0,
  dirty_read_size: 0,
  chunk_size: 64 * 1024,
  save_rate: 0,
  load_rate: 0,
  save_mode: "streamed",
  save_chunk_size: 8 * 1024 * 1024,
  dirty_collect: "read",
  read_while_saving: "wait",
  read_limit: 0,
  empty_read: "ENOMSG",
  precopy_enter_ms: 0,
  suspend_p2p_ms: 0,
  suspend_stop_ms: 0,
  stop_copy_enter_ms: 0,
  resuming_enter_ms: 0,
  load_finish_ms: 0,
  resume_ms: 0,
  prealloc_ms_per_mib: 0,
  stop_copy_report: "exact",
  stop_copy_constant: 0,
  stop_copy_noise: 0,
  precopy_report: "exact",
  dirty_report: "exact",
  precopy_error_at_ms: 0,
  precopy_info_v2: true,
  reinit_at_ms: [],
  reinit_at_reads: [],
  reinit_size: 0,
  slowdown_ratio: 0,
};
