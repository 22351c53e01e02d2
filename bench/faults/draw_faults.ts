import {
  CHANNEL_GIVES,
  type DeviceCall,
  FAULT_ERRNOS,
  FAULT_PLACES,
  HOST_GIVES,
  LIE_NAMES,
  lieOf,
  MOVING_CALLS,
  REGION_CALLS,
  type RegionCall,
  SIDES_OF_CALL,
} from "../../core/fault/mod.ts";
import type { Dice } from "./dice.ts";
import type { DrawnScenario, System } from "./draw_scenario.ts";

type DrawnFault = Readonly<Record<string, unknown>>;

/** What a fault can be on. */
const KINDS = [
  "call",
  "call",
  "call",
  "lie",
  "channel",
  "channel",
  "worker",
  "host",
  "user",
] as const;

const CALLS: readonly DeviceCall[] = [
  "read",
  "read",
  "write",
  "write",
  "setState",
  "setState",
  "getPrecopyInfo",
  "getDataSize",
  "setPrecopyInfoV2",
  "reset",
];

/** What a driver may fail with; the likely ones more often. */
const ERRNOS = ["EIO", "EIO", "EINTR", "EAGAIN", "ENODEV", ...FAULT_ERRNOS];

const STATES = [
  "STOP",
  "RUNNING",
  "STOP_COPY",
  "RESUMING",
  "RUNNING_P2P",
  "PRE_COPY",
  "PRE_COPY_P2P",
] as const;

const STATE_BYTES = 12 * 1024 * 1024;

/** Draws what goes wrong in a scenario: mostly one thing, sometimes up to three, seldom nothing. */
export function drawFaults(dice: Dice, system: System, scenario: DrawnScenario): DrawnFault[] {
  const count = dice.chance(0.03) ? 0 : dice.chance(0.65) ? 1 : dice.chance(0.7) ? 2 : 3;
  return Array.from({ length: count }, () => drawFault(dice, system, scenario));
}

function drawFault(dice: Dice, system: System, { params, devices }: DrawnScenario): DrawnFault {
  const on = dice.pick(devices).id;
  switch (dice.pick(KINDS)) {
    case "call":
      return drawCallFault(dice, system, on);
    case "lie": {
      const lie = dice.pick(LIE_NAMES);
      return { on, give: "lie", lie, side: dice.pick(lieOf(lie).sides) };
    }
    case "channel": {
      const channels = params.multifd === true ? Number(params.channels) : 0;
      return drawChannelFault(dice, dice.whole(0, channels));
    }
    case "worker":
      return {
        on: "worker",
        give: "die",
        side: dice.pick(["source", "destination"]),
        at: dice.pick(FAULT_PLACES),
      };
    case "host":
      return {
        on: "host",
        give: dice.pick(HOST_GIVES),
        side: dice.pick(["source", "destination"]),
      };
    case "user":
      return { on: "user", give: "cancel", at: dice.pick(FAULT_PLACES), nth: dice.sized(1, 60) };
  }
}

function drawCallFault(dice: Dice, system: System, on: unknown): DrawnFault {
  const call: DeviceCall | RegionCall = system === "v1"
    ? dice.pick(REGION_CALLS)
    : dice.pick(CALLS);
  const side = dice.pick(SIDES_OF_CALL[call]);
  const isMoving = MOVING_CALLS.has(call);
  const give = isMoving && dice.chance(0.2)
    ? "short"
    : dice.chance(0.1)
    ? "slow"
    : call === "read"
    ? dice.pick(ERRNOS)
    : dice.pick(ERRNOS.filter((errno) => errno !== "ENOMSG"));
  return {
    on,
    side,
    call,
    give,
    ...(call === "setState" && dice.chance(0.7) ? { state: dice.pick(STATES) } : {}),
    ...(give === "short" ? { bytes: dice.sized(1, 4096) } : {}),
    ...(give === "slow" ? { delay_ms: dice.whole(1, 15) } : {}),
    ...drawMoment(dice, isMoving, give === "slow"),
  };
}

function drawMoment(dice: Dice, isMoving: boolean, isSlow: boolean): DrawnFault {
  // A call that is slow for ever would be slow some ten thousand times.
  const times = isSlow ? dice.whole(1, 20) : dice.pick([1, 1, 1, 3, "ever"]);
  if (dice.chance(0.15)) {
    return { chance: dice.pick([0.02, 0.2]), seed: dice.whole(0, 1000), times };
  }
  if (isMoving && dice.chance(0.4)) return { byte: dice.sized(0, STATE_BYTES), times };
  return { nth: dice.sized(1, 40), times };
}

function drawChannelFault(dice: Dice, channel: number): DrawnFault {
  const give = dice.pick(CHANNEL_GIVES);
  const stall_ms = dice.chance(0.5) ? "ever" : dice.whole(1, 150);
  return {
    on: channel === 0 ? "channel" : `channel${channel}`,
    give,
    byte: dice.chance(0.3) ? dice.whole(0, 400) : dice.sized(0, STATE_BYTES),
    ...(give === "stall" ? { stall_ms } : {}),
  };
}
