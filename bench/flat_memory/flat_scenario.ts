/**
 * Scenarios that move very many buffers of a device that takes little memory.
 *
 * @module
 */
import { KIB, MIB } from "../scenario/units.ts";

/** What one read gives where the whole state moves once: so little that a million of them need no large device. */
const LITTLE_BYTES = 128;

/** What a buffer of so little takes while it is queued: multifd's destination has room for a whole one. */
const QUEUED_BYTES = 4 * KIB;

/** What is queued at a destination is in its memory: nothing makes the source wait (facts: there is no backpressure). */
export function queueMemory(queued_bytes: number): number {
  return queued_bytes / LITTLE_BYTES * QUEUED_BYTES;
}

/** The state of the device that is dirtied again and again. */
const DIRTIED_BYTES = 64 * MIB;

/** A channel, or multifd's beside the main one. */
export type FlatChannel = "ring" | "unix" | "tcp" | "file" | "multifd";

const COMMON = {
  name: "flat",
  question: "Does a longer transfer take more memory?",
} as const;

/**
 * Moves a state once in so many buffers, half of them in PRE_COPY and half in STOP_COPY:
 *
 * ```text
 *   |<-- initial data: a pass a buffer -->|<-- moves only stopped: a read a buffer -->|
 *                                         ^ threshold: what is left is just below it
 * ```
 *
 * Over multifd, which carries what moves stopped alone, all of them move stopped.
 */
export function littleReads(channel: FlatChannel, buffers: number): unknown {
  const state_size = buffers * LITTLE_BYTES;
  const isMultifd = channel === "multifd";
  return {
    ...COMMON,
    params: {
      policy: "qemu-11.1", // asks the devices when nothing is left to precopy, and not before every buffer
      buffer_size: 4 * KIB,
      channel: isMultifd ? "unix" : channel,
      multifd: isMultifd,
      channels: 2,
      precopy: !isMultifd,
      avail_switchover_bandwidth: "1GB/s",
      downtime_limit_ms: (isMultifd ? 2 : 0.6) * state_size / 1e6,
      max_time_ms: "600s",
    },
    devices: [{
      id: "nic0",
      profile: "generic",
      state_size,
      initial_fraction: 0.5,
      read_limit: LITTLE_BYTES,
    }],
  };
}

/**
 * Moves a small state many times: the guest dirties half of it while half of it is read, so that the device never
 * runs empty. After so many milliseconds somebody allows any downtime.
 */
export function dirtiedDevice(channel: string, buffer_size: number, precopy_ms: number): unknown {
  const half = DIRTIED_BYTES / 2;
  return {
    ...COMMON,
    params: {
      policy: "qemu-11.1", // what is dirty by now is asked whenever what was known of is sent
      channel,
      buffer_size,
      downtime_limit_ms: 0.000001,
      downtime_limit_changes_at_ms: precopy_ms,
      later_downtime_limit_ms: 100_000,
      max_time_ms: precopy_ms + 60_000,
    },
    devices: [{
      id: "nic0",
      profile: "generic",
      state_size: DIRTIED_BYTES,
      dirty_every_reads: half / buffer_size,
      dirty_read_size: half,
    }],
  };
}
