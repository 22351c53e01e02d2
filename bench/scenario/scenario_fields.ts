import { choice, flag, integer, integerOr, ms, number, rate, size, us } from "./fields.ts";
import { MIB } from "./units.ts";

/** The leaves of a scenario file that stand at its top and can be overridden. */
export const RUN_FIELDS = {
  clock: choice(
    {
      description: "wall: real bytes, real threads. virtual: the same decisions on simulated time.",
      fallback: "wall",
    },
    ["wall", "virtual"],
  ),
  trials: integer({ description: "How many trials of each case count.", fallback: 5 }, 1, 100_000),
  warmup: integerOr(
    "auto",
    {
      description:
        "How many trials of each case are played first and not counted; auto: until they are steady.",
      fallback: 1,
    },
    0,
    10_000,
  ),
  seed: integer({ description: "Where all randomness starts.", fallback: 1 }, 0, 0xffff_ffff),
} as const;

/** The guest's RAM. */
export const RAM_FIELDS = {
  size: size({ description: "The guest's RAM; 0 = none takes part.", fallback: 0 }, {
    example: "1GiB",
  }),
  dirty_rate: rate({ description: "How fast the guest dirties its RAM.", fallback: 0 }),
  dirty_span: size({
    description: "How much RAM the dirtying sweeps over; 0 = all of it.",
    fallback: 0,
  }),
  zero_fraction: number(
    {
      description:
        "The part of RAM that is zero pages, 0 to 1: pending until the source comes to them, and not sent.",
      fallback: 0,
    },
    1,
  ),
  send_rate: rate({
    description: "How fast the source goes through RAM, zero pages included; 0 = no limit.",
    fallback: 0,
  }),
} as const;

/** The virtual clock's link. On the wall clock the channel is what it is. */
export const LINK_FIELDS = {
  bandwidth: rate(
    { description: "The link's bandwidth; 0 = the link is no limit.", fallback: 0 },
    { example: "100Gbit/s" },
  ),
  latency_us: us({ description: "How long a byte travels, one way.", fallback: 0 }),
} as const;

/** What QEMU itself takes on the virtual clock. On the wall clock it takes what it takes. */
export const HOST_FIELDS = {
  setup_ms: ms({
    description: "Setting the migration up at the source, before its devices.",
    fallback: 0,
  }),
  pass_us: us({ description: "One turn of the source's loop, beside what it moves.", fallback: 5 }),
  query_us: us({
    description: "One exact query beside what the devices take: the lock and the bitmap sync.",
    fallback: 50,
  }),
  stop_ms: ms({ description: "Stopping the vCPUs at the source.", fallback: 0 }),
  config_ms: ms({ description: "Saving the rest of the machine's state.", fallback: 0 }),
  adapter_contention: number({
    description:
      "How much slower a device's firmware is for every other device of its adapter: 0.2 is a fifth.",
    fallback: 0,
  }),
  start_ms: ms({ description: "Starting the vCPUs at the destination.", fallback: 0 }),
  finish_ms: ms({
    description:
      "At the source, from the destination's last word (or its own flush) until the migration is over.",
    fallback: 0,
  }),
} as const;

/** Protocol v1's region. */
export const REGION_FIELDS = {
  region_size: size(
    {
      description: "The whole migration region, whose first 4 KiB are its header.",
      fallback: 4096 + MIB,
    },
    { min: 8192, max: 4096 + 64 * MIB, step: 4096, example: "1028KiB" },
  ),
  destination_region_size: size(
    {
      description: "The destination device's, where it is another; 0 = the same.",
      fallback: 0,
    },
    { max: 4096 + 64 * MIB, step: 4096 },
  ),
  mapped: flag({ description: "Whether its data can be mapped.", fallback: true }),
  pending_report: choice(
    {
      description: "What pending_bytes counts in precopy: what can be had now, or the whole.",
      fallback: "precopy",
    },
    ["precopy", "whole"],
  ),
  access_ms: ms({ description: "What each access to the region takes.", fallback: 0 }),
  x_enable_migration: flag({
    description: "Protocol v1 was an experiment: without this, QEMU refuses to migrate.",
    fallback: false,
  }),
} as const;
