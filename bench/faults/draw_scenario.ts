import type { Dice } from "./dice.ts";

/** A scenario as its file has it, without its name and question. */
export type DrawnScenario = Readonly<Record<string, unknown>> & {
  readonly params: Readonly<Record<string, unknown>>;
  readonly devices: readonly Readonly<Record<string, unknown>>[];
};

/** The systems of this harness. */
export const SYSTEMS = ["v2", "stop-only", "v1", "virtio", "reinit", "multifd"] as const;
export type System = typeof SYSTEMS[number];

const KIB = 1024;
const MIB = 1024 * KIB;

/** What bounds a drawn scenario: on the wall clock bytes take their time. */
interface Bounds {
  readonly mostState: number;
  readonly mostDevices: number;
  readonly max_time_ms: number;
}

const BOUNDS: Readonly<Record<"wall" | "virtual", Bounds>> = {
  virtual: { mostState: 12 * MIB, mostDevices: 3, max_time_ms: 3000 },
  wall: { mostState: 3 * MIB, mostDevices: 2, max_time_ms: 700 },
};

const PROFILES = [
  "generic",
  "generic",
  "mlx5",
  "mlx5-older",
  "qat",
  "pds",
  "xe",
  "xe-errno",
  "mtty",
];

/** Draws a scenario of a system, without faults. Not every one can be played: `checkCase` says which. */
export function drawScenario(
  dice: Dice,
  system: System,
  clock: "wall" | "virtual",
): DrawnScenario {
  const bounds = BOUNDS[clock];
  const params = drawParams(dice, system, bounds);
  const count = dice.whole(1, bounds.mostDevices);
  const devices = Array.from({ length: count }, (_, i) => drawDevice(dice, system, bounds, i));
  return {
    clock,
    params,
    devices,
    ...(dice.chance(0.5) ? { ram: drawRam(dice, bounds) } : {}),
    link: {
      bandwidth: dice.pick([100e6, 1e9, 12.5e9]),
      latency_us: dice.pick([0, 20, 500, 20_000]),
    },
    host: {
      pass_us: dice.pick([100, 500, 1000]),
      query_us: dice.pick([50, 1000]),
      stop_ms: dice.pick([0, 5, 50]),
      start_ms: dice.pick([0, 5]),
      finish_ms: dice.pick([0, 2]),
    },
    ...(system === "v1" ? { region: drawRegion(dice) } : {}),
  };
}

function drawParams(dice: Dice, system: System, { max_time_ms }: Bounds): Record<string, unknown> {
  const isV1 = system === "v1";
  const isMultifd = system === "multifd";
  const channel = dice.pick(isMultifd ? ["ring", "unix", "tcp"] : ["ring", "unix", "tcp", "file"]);
  const return_path = dice.chance(0.85);
  const ackIsPossible = !isV1 && channel !== "file" && return_path;
  const policies = isV1 ? ["qemu-8.1"] : ["qemu-8.1", "qemu-9.2", "qemu-11.1"];
  return {
    channel,
    policy: system === "reinit" ? "qemu-11.1" : dice.pick(policies),
    buffer_size: dice.pick([64 * KIB, 256 * KIB, MIB]),
    downtime_limit_ms: dice.pick([1, 30, 300, 2000]),
    max_time_ms,
    return_path,
    switchover_ack: ackIsPossible && dice.chance(system === "reinit" ? 0.8 : 0.4),
    ...(isV1 ? { protocol: "v1" } : {}),
    ...(isMultifd ? { multifd: true, channels: dice.whole(1, 4) } : {}),
    ...(isMultifd && dice.chance(0.2) ? { max_queued_bytes: dice.pick([MIB, 64 * MIB]) } : {}),
    ...(!isV1 && dice.chance(0.15) ? { switchover_ack_legacy: true } : {}),
    ...(!isV1 && dice.chance(0.15) ? { destination_policy: dice.pick(policies) } : {}),
    ...(dice.chance(0.1) ? { destination_ack_legacy: dice.pick(["on", "off"]) } : {}),
    ...(dice.chance(0.3) ? { avail_switchover_bandwidth: dice.pick([100e6, 10e9]) } : {}),
    ...(dice.chance(0.15) ? { max_bandwidth: dice.pick([16 * MIB, 256 * MIB]) } : {}),
    ...(dice.chance(0.1) ? { pause_before_switchover_ms: dice.whole(1, 60) } : {}),
    ...(dice.chance(0.1) ? { guest_paused_at_ms: dice.whole(1, 200) } : {}),
    ...(dice.chance(0.05) ? { cancel_at_ms: dice.whole(1, 400) } : {}),
    ...(dice.chance(0.1)
      ? { downtime_limit_changes_at_ms: dice.whole(1, 300), later_downtime_limit_ms: 2000 }
      : {}),
    ...(dice.chance(0.05) ? { p2p: false } : {}),
    ...(system === "stop-only" ? { precopy: false } : {}),
    measure: dice.chance(0.5),
  };
}

function drawDevice(
  dice: Dice,
  system: System,
  { mostState }: Bounds,
  i: number,
): Record<string, unknown> {
  const id = `nic${i}`;
  const state_size = dice.sized(1, mostState);
  const costs = dice.chance(0.3) ? { load_rate: dice.pick([50e6, 1e9]) } : {};
  if (system === "virtio") {
    return {
      id,
      profile: "virtio-net",
      state_size,
      dirty_rate: dice.pick([0, MIB]),
      suspend_ms: dice.pick([0, 5]),
      refresh_period_ms: dice.pick([20, 1000]),
      ...costs,
    };
  }
  const reinit = system !== "reinit" ? {} : {
    initial_fraction: dice.pick([0.25, 1]),
    reinit_at_ms: [dice.whole(1, 300), ...(dice.chance(0.5) ? [dice.whole(300, 900)] : [])],
    reinit_size: dice.sized(1, mostState),
  };
  // What a driver cannot do its profile says, and REINIT needs a query that is believed.
  const profile = system === "reinit" || system === "v1" ? "generic" : dice.pick(PROFILES);
  return {
    id,
    profile,
    state_size,
    dirty_rate: dice.pick([0, 0, MIB, 64 * MIB]),
    ...(dice.chance(0.5) ? { initial_fraction: dice.pick([0, 0.25, 1]) } : {}),
    ...(dice.chance(0.2) ? { dirty_span: dice.sized(1, mostState) } : {}),
    ...(dice.chance(0.2) ? { suspend_p2p_ms: 3, suspend_stop_ms: 7, resume_ms: 2 } : {}),
    ...(dice.chance(0.2) ? { save_rate: dice.pick([20e6, 1e9]) } : {}),
    ...(dice.chance(0.1) ? { read_limit: dice.pick([4 * KIB, 64 * KIB]) } : {}),
    ...(dice.chance(0.1) ? { precopy_error_at_ms: dice.whole(1, 100) } : {}),
    ...(dice.chance(0.1) ? { save_mode: dice.pick(["whole", "chunks"]) } : {}),
    ...costs,
    ...reinit,
  };
}

function drawRam(dice: Dice, { mostState }: Bounds): Record<string, unknown> {
  const size = 4096 * dice.whole(1, mostState / 4096);
  return {
    size,
    dirty_rate: dice.pick([0, MIB, 64 * MIB]),
    ...(dice.chance(0.5) ? { dirty_span: 4096 * dice.whole(1, size / 4096) } : {}),
    ...(dice.chance(0.3) ? { zero_fraction: dice.pick([0.5, 1]) } : {}),
  };
}

function drawRegion(dice: Dice): Record<string, unknown> {
  return {
    x_enable_migration: true,
    mapped: dice.chance(0.5),
    region_size: dice.pick([8 * KIB, 68 * KIB, 4 * KIB + MIB]),
    ...(dice.chance(0.2) ? { destination_region_size: dice.pick([8 * KIB, 68 * KIB]) } : {}),
    pending_report: dice.pick(["precopy", "whole"]),
  };
}
