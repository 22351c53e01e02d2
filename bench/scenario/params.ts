import type { z } from "zod";
import { choice, flag, integer, ms, oneOf, rate, size, strictObject } from "./fields.ts";
import { KIB, MIB } from "./units.ts";

const RING_SLOTS = [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] as const;

/** The longest that a migration may be given: a week. */
export const LONGEST_TIME_MS = 7 * 24 * 3_600_000;

/** The knobs of a migration, by their names in scenario files and in `--set`. */
export const PARAM_FIELDS = {
  buffer_size: size(
    {
      description: "What one read of a data_fd may give. QEMU: at most 1 MiB.",
      fallback: "1MiB",
    },
    { min: 4 * KIB, max: 64 * MIB, step: 4 * KIB, example: "1MiB" },
  ),
  channel: choice(
    { description: "What carries the bytes to the destination.", fallback: "ring" },
    ["ring", "unix", "tcp", "file"],
  ),
  channels: integer(
    { description: "How many channels multifd has beside the main one.", fallback: 1 },
    1,
    64,
  ),
  ring_slots: oneOf(
    {
      description: "How many buffers the ring holds, a power of two. 0: a ring of about 8 MiB.",
      fallback: 0,
    },
    RING_SLOTS,
    "0 (automatic) or a power of two from 2 to 4096, such as 8",
  ),
  policy: choice(
    {
      description: "The source's decision rules, as this generation of QEMU has them.",
      fallback: "qemu-9.2",
    },
    ["qemu-8.1", "qemu-9.2", "qemu-11.1"],
  ),
  protocol: choice(
    {
      description:
        "The migration protocol: v2 (data_fd), or v1 (region), which QEMU had before 8.0.",
      fallback: "v2",
    },
    ["v1", "v2"],
  ),
  precopy: flag({
    description: "Whether PRE_COPY is used. false takes it from every device but recorded ones.",
    fallback: true,
  }),
  p2p: flag({
    description:
      "Whether P2P states are used. false takes them from every device but recorded ones.",
    fallback: true,
  }),
  reinit: flag({
    description:
      "Whether the source opts in to VFIO_PRECOPY_INFO_REINIT. Only policy qemu-11.1 knows it.",
    fallback: true,
  }),
  switchover_ack: flag({
    description: "Whether switchover waits until the destination has loaded the initial data.",
    fallback: false,
  }),
  switchover_ack_legacy: flag({
    description:
      "Whether switchover-ack works as before QEMU 11.1, on both sides: switchover-ack-legacy.",
    fallback: false,
  }),
  destination_policy: choice(
    {
      description: "The destination's generation of QEMU, where it is not the source's.",
      fallback: "same",
    },
    ["same", "qemu-8.1", "qemu-9.2", "qemu-11.1"],
  ),
  destination_ack_legacy: choice(
    {
      description: "The destination's switchover-ack-legacy, where it is not the source's.",
      fallback: "same",
    },
    ["same", "on", "off"],
  ),
  return_path: flag({
    description:
      "Whether the destination can answer. Without it the source's downtime ends at its own flush.",
    fallback: true,
  }),
  multifd: flag({
    description: "Whether stop-copy data goes over channels of its own, beside the main one.",
    fallback: false,
  }),
  max_queued_bytes: size(
    {
      description: "The most that the destination queues of multifd's device state; 0 = no limit.",
      fallback: 0,
    },
    { example: "64MiB" },
  ),
  downtime_limit_ms: ms(
    { description: "How long the guest may stand still. QEMU: 300 ms.", fallback: 300 },
    { above: 0, max: 2_000_000 },
  ),
  downtime_limit_changes_at_ms: ms(
    {
      description:
        "When somebody sets later_downtime_limit_ms while the migration runs, as management does with one that does not converge; 0 = nobody.",
      fallback: 0,
    },
  ),
  later_downtime_limit_ms: ms(
    { description: "The downtime limit from then on.", fallback: 300 },
    { above: 0, max: 2_000_000 },
  ),
  max_bandwidth: rate({
    description: "The most that is sent before switchover; 0 = unlimited. QEMU: 128 MiB/s.",
    fallback: 0,
  }),
  avail_switchover_bandwidth: rate({
    description: "The bandwidth that the decision assumes for switchover; 0 = the measured one.",
    fallback: 0,
  }),
  pause_before_switchover_ms: ms(
    {
      description:
        "With pause-before-switchover: how long management takes to say migrate-continue; 0 = off.",
      fallback: 0,
    },
  ),
  guest_paused_at_ms: ms(
    { description: "When somebody pauses the guest during precopy; 0 = nobody.", fallback: 0 },
  ),
  cancel_at_ms: ms(
    { description: "When somebody cancels the migration; 0 = nobody.", fallback: 0 },
  ),
  max_time_ms: ms(
    {
      description: "A migration that has not switched over by then has failed.",
      fallback: 60_000,
    },
    // Twice that, with patience, is a timer's: one of 25 days or more would strike at once.
    { above: 0, max: LONGEST_TIME_MS, example: "60s" },
  ),
  port: integer({ description: "The TCP port; 0 = any free one.", fallback: 0 }, 0, 65_535),
  devices: integer(
    {
      description:
        "How many devices there are: the first ones of the list, or the list again and again with -2, -3 after the ids. Absent: as many as listed.",
    },
    1,
    64,
  ),
  measure: flag({
    description: "Whether the duration of every buffer's read and write is recorded.",
    fallback: true,
  }),
} as const;

/** The `params` of a scenario file. `devices` stays absent where the file does not say it. */
export const ParamsSchema = strictObject(
  { ...PARAM_FIELDS, devices: PARAM_FIELDS.devices.optional() },
  "an object of parameters",
);

type Parsed = z.output<typeof ParamsSchema>;

/** All knobs of a migration: sizes in bytes, rates in bytes per second, times in milliseconds. */
export type Params = Readonly<Omit<Parsed, "devices"> & { devices: number }>;

/** The name of a parameter. */
export type ParamName = keyof Params;

/** Whether it is the name of a parameter. */
export function isParamName(name: string): name is ParamName {
  return Object.hasOwn(PARAM_FIELDS, name);
}

/** Every parameter's name, in the order of the documentation. */
export const PARAM_NAMES: readonly ParamName[] = Object.keys(PARAM_FIELDS).filter(isParamName);

/** One line for each parameter, the same as in the JSON Schema. */
export const PARAM_DESCRIPTIONS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(PARAM_FIELDS).map(([name, field]) => [name, field.description ?? ""]),
);
