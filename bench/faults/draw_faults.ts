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

/** Draws what goes wrong in a scenario: mostly one thing, sometimes up to three, seldom nothing. */
export function drawFaults(dice: Dice, system: System, scenario: DrawnScenario): DrawnFault[] {
  const count = dice.chance(0.03) ? 0 : dice.chance(0.65) ? 1 : dice.chance(0.7) ? 2 : 3;
  const faults = Array.from({ length: count }, () => drawFault(dice, system, scenario));
  const resets = faults.filter(({ call }) => call === "reset");
  return [...faults, ...resets.map(({ on, side }) => drawNeed(dice, system, on, side))];
}

/** A device is reset only where its state cannot be set. */
function drawNeed(dice: Dice, system: System, on: unknown, side: unknown): DrawnFault {
  const call = system === "v1" ? "writeRegion" : "setState";
  return { on, side, call, give: "EIO", nth: dice.whole(1, 3), times: "ever" };
}

function drawFault(dice: Dice, system: System, { params, devices }: DrawnScenario): DrawnFault {
  const bytes = devices.reduce((sum, { state_size }) => sum + Number(state_size), 0);
  const on = dice.pick(devices).id;
  switch (dice.pick(KINDS)) {
    case "call":
      return drawCallFault(dice, system, on, bytes);
    case "lie": {
      const lie = dice.pick(LIE_NAMES);
      return { on, give: "lie", lie, side: dice.pick(lieOf(lie).sides) };
    }
    case "channel": {
      const channels = params.multifd === true ? Number(params.channels) : 0;
      return drawChannelFault(dice, dice.whole(0, channels), bytes);
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
    case "user": {
      const at = dice.pick(FAULT_PLACES);
      // Of a setup and a switchover there is one.
      const nth = at === "setup" || at === "switchover" ? 1 : dice.sized(1, 60);
      return { on: "user", give: "cancel", at, nth };
    }
  }
}

function drawCallFault(dice: Dice, system: System, on: unknown, bytes: number): DrawnFault {
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
    ...(give === "short" ? { bytes: dice.sized(64, 8192) } : {}),
    ...(give === "slow" ? { delay_ms: dice.whole(1, 15) } : {}),
    ...drawMoment(dice, isMoving ? bytes : null, give === "slow"),
  };
}

/** @param bytes How many such calls move in all; null where they move none, and are few */
function drawMoment(dice: Dice, bytes: number | null, isSlow: boolean): DrawnFault {
  // A call that is slow for ever would be slow some ten thousand times.
  const times = isSlow ? dice.whole(1, 20) : dice.pick([1, 1, 1, 3, "ever"]);
  if (dice.chance(0.15)) {
    return { chance: dice.pick([0.02, 0.2]), seed: dice.whole(0, 1000), times };
  }
  if (bytes === null) return { nth: dice.pick([1, 1, 1, 2, 2, 3, 5, 20]), times };
  if (dice.chance(0.5)) return { byte: dice.sized(0, bytes), times };
  return { nth: dice.sized(1, 40), times };
}

function drawChannelFault(dice: Dice, channel: number, bytes: number): DrawnFault {
  const give = dice.pick(CHANNEL_GIVES);
  const stall_ms = dice.chance(0.5) ? "ever" : dice.whole(1, 150);
  return {
    on: channel === 0 ? "channel" : `channel${channel}`,
    give,
    byte: dice.chance(0.3) ? dice.whole(0, 400) : dice.sized(0, bytes),
    ...(give === "stall" ? { stall_ms } : {}),
  };
}
