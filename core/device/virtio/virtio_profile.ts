/**
 * What a virtio-net VF behind vfio-virtio is like, as plain data. Sizes are bytes, rates bytes per second
 * (0 = no limit), latencies milliseconds. The keys are those of the scenario files.
 *
 *     stop   | suspend | size, get: state_size / save_rate |
 *     load             | set: state_size / load_rate, and the first time prepare_ms |
 *     start                                                           | resume |
 *
 * Every one of these is an admin command of the VF's owner, and takes `admin_command_ms` besides.
 */
export interface VirtioProfile {
  /** Whether the device has RUNNING_P2P (and PRE_COPY_P2P where it has PRE_COPY). The driver's does. */
  readonly p2p: boolean;
  /** Whether the device has PRE_COPY. The driver's does. */
  readonly precopy: boolean;
  /** All device parts together: there is no reading or writing of less. */
  readonly state_size: number;
  /** How fast the running guest changes state in PRE_COPY. It changes bytes, never a size that is reported. */
  readonly dirty_rate: number;
  /** What any admin command costs, whatever it does. */
  readonly admin_command_ms: number;
  /** How fast the device gives its parts to the driver, and takes them. */
  readonly save_rate: number;
  readonly load_rate: number;
  /** What stopping and starting the device costs. */
  readonly suspend_ms: number;
  readonly resume_ms: number;
  /** What the first parts that a destination takes cost it besides: what PRE_COPY saves from the downtime. */
  readonly prepare_ms: number;
  readonly prepare_ms_per_mib: number;
  /** How often in PRE_COPY the driver asks the device anew. */
  readonly refresh_period_ms: number;
  /**
   * Moments after PRE_COPY was entered; the next refresh after each fails, as where the state has grown
   * between the question for its size and the reading of it.
   */
  readonly refresh_error_at_ms: readonly number[];
  /** The largest record that the destination takes. */
  readonly record_limit: number;
}

/**
 * A virtio-net VF as the driver has it. From the facts: the features, the second, the limit (parts are
 * counted in 32 bits), and that the state is some KB to some MB. `prepare_ms` is fitted, the other latencies
 * and rates being assumed: so that the device's own part of the downtime is 70-75 % shorter with PRE_COPY
 * than without, as was published. No absolute value was.
 */
export const VIRTIO_PROFILE: VirtioProfile = {
  p2p: true,
  precopy: true,
  state_size: 1024 * 1024,
  dirty_rate: 0,
  admin_command_ms: 0.5,
  save_rate: 100e6,
  load_rate: 100e6,
  suspend_ms: 10,
  resume_ms: 5,
  prepare_ms: 100,
  prepare_ms_per_mib: 0,
  refresh_period_ms: 1000,
  refresh_error_at_ms: [],
  record_limit: 2 ** 32 - 1,
};
