import { closestString } from "@std/text/closest-string";
import { z } from "zod";
import {
  CHANNEL_GIVES,
  type DeviceFault,
  type Fault,
  FAULT_CALLS,
  FAULT_ERRNOS,
  FAULT_PLACES,
  type FaultMoment,
  HOST_GIVES,
  isChannelName,
  LIE_NAMES,
  lieOf,
  MOVING_CALLS,
  SIDES_OF_CALL,
} from "../../core/fault/mod.ts";
import { DEVICE_STATES, deviceStateName } from "../../core/vfio/mod.ts";
import { choice, integer, integerOr, ms, number, size, strictObject } from "./fields.ts";

/**
 * The `faults` of a scenario. A fault is one flat object, whose keys depend on what it is on and what it gives; which
 * devices and channels there are is checked when the cases are known.
 *
 * @module
 */

/** One of many words; the message names the nearest. */
function word<const T extends readonly [string, ...string[]]>(
  description: string,
  noun: string,
  words: T,
): z.ZodType<T[number]> {
  const error = ({ input }: { readonly input?: unknown }) =>
    `expected ${noun}, did you mean ${closestString(String(input), words)}?`;
  return z.enum(words, { error }).meta({ description });
}

const DEVICE_GIVES = [...FAULT_ERRNOS, "short", "slow", "lie"] as const;
const GIVES = [...DEVICE_GIVES, ...CHANNEL_GIVES, "die", "refuse", "cancel"] as const;
const [firstCall = "read", ...otherCalls] = FAULT_CALLS;
const [firstLie = "size-zero", ...otherLies] = LIE_NAMES;
const [firstState, ...otherStates] = DEVICE_STATES.map(deviceStateName);

const FAULT_FIELDS = {
  on: z.string({ error: "expected a device's id, channel, channel1, worker, host or user" })
    .meta({
      description:
        "What it strikes: a device by its id, channel (the main one), channel1, channel2 ... (multifd's), worker, host or user.",
    }),
  side: choice(
    { description: "Which end; of a device and a Worker it has to be said where both could." },
    ["source", "destination"],
  ).optional(),
  call: word("Of a device: which call.", "a call of a device", [firstCall, ...otherCalls])
    .optional(),
  state: word(
    "With setState, or the lie state-unchanged: only where this state is asked for.",
    "a device state",
    [firstState ?? "ERROR", ...otherStates],
  ).optional(),
  nth: integer({ description: "When: at the call of this number, from 1." }, 1, 2 ** 31).optional(),
  byte: size({ description: "When: at the byte of this offset." }).optional(),
  chance: number({ description: "When: at each call with this probability." }, 1).optional(),
  seed: integer(
    {
      description:
        "With chance: where its randomness starts, the same for every trial; else from the trial's own.",
    },
    0,
    0xffff_ffff,
  ).optional(),
  times: integerOr("ever", { description: "How often in a row; 1 unless given." }, 1, 2 ** 31)
    .optional(),
  give: word("What it gives.", "what a fault can give", GIVES),
  bytes: size({ description: "With short: how many bytes are moved at most." }, { min: 1 })
    .optional(),
  delay_ms: ms({ description: "With slow: how much longer it takes." }, { above: 0 }).optional(),
  lie: word("With lie: which one.", "a lie", [firstLie, ...otherLies]).optional(),
  stall_ms: z.union([ms({ description: "A time." }, { above: 0 }), z.literal("ever")], {
    error: 'expected a time in milliseconds above 0, such as "150ms", or ever',
  }).meta({ description: "With stall: for how long nothing comes." }).optional(),
  at: word("Of a Worker and the user: where.", "a place in a migration", FAULT_PLACES).optional(),
} as const;

type FaultKey = keyof typeof FAULT_FIELDS;
type File = z.output<z.ZodObject<typeof FAULT_FIELDS>>;
type Refused = { readonly key: FaultKey; readonly message: string };

const EXAMPLE =
  'such as { "on": "nic0", "side": "source", "call": "read", "nth": 5, "give": "EIO" }';

const FaultSchema = strictObject(FAULT_FIELDS, `an object: a fault, ${EXAMPLE}`)
  .transform((file, ctx): Fault => {
    const read = readFault(file);
    if (!("message" in read)) return read;
    ctx.addIssue({ code: "custom", path: [read.key], message: read.message });
    return z.NEVER;
  });

/** The `faults` of a scenario file, or of a case that was written down. */
export const FaultsSchema: z.ZodType<readonly Fault[]> = z.array(FaultSchema, {
  error: `expected a list of faults, ${EXAMPLE}; they are for a scenario file and its variants`,
}).max(64, { error: "expected at most 64 faults" }).meta({
  description: "What goes wrong: each strikes at its moment, and what it did is told as injected.",
});

function readFault(file: File): Fault | Refused {
  const { on } = file;
  if (on === "worker") return readWorkerFault(file);
  if (on === "host") return readHostFault(file);
  if (on === "user") return readUserFault(file);
  if (isChannelName(on)) return readChannelFault(file, on);
  if (/^channel/.test(on) && !/^channel[A-Za-z._:-]/.test(on)) {
    return { key: "on", message: "expected channel, or channel1, channel2 ... with multifd" };
  }
  return file.give === "lie" ? readLie(file) : readDeviceFault(file);
}

/** The first key beside `on` and `give` that a fault of this kind does not have. */
function foreignKey(file: File, kind: string, keys: readonly FaultKey[]): Refused | null {
  for (const key of Object.keys(FAULT_FIELDS).filter(isFaultKey)) {
    if (key === "on" || key === "give" || file[key] === undefined || keys.includes(key)) continue;
    const has = keys.length === 0 ? "no other key" : keys.join(", ");
    return { key, message: `expected no such key: ${kind} has on, give, ${has}` };
  }
  return null;
}

function isFaultKey(key: string): key is FaultKey {
  return Object.hasOwn(FAULT_FIELDS, key);
}

function missing(key: FaultKey, what: string): Refused {
  return { key, message: `expected ${what}` };
}

/** Whether the word is one of these. */
function isOneOf<const T extends string>(value: string, words: readonly T[]): value is T {
  return words.some((one) => one === value);
}

function wrongGive(what: string, words: readonly string[]): Refused {
  return { key: "give", message: `expected what ${what} can give: ${words.join(", ")}` };
}

function readDeviceFault(file: File): Fault | Refused {
  const { on, side, call, state, give, bytes, delay_ms } = file;
  if (give === "lie" || !isOneOf(give, DEVICE_GIVES)) return wrongGive("a device", DEVICE_GIVES);
  if (call === undefined) return missing("call", "the call that fails, such as read");
  const sides = SIDES_OF_CALL[call];
  if (side === undefined || !sides.includes(side)) {
    return missing("side", `${sides.join(" or ")}: who makes that call`);
  }
  const keys = [
    ...(["side", "call", "nth", "byte", "chance", "seed", "times"] as const),
    ...(call === "setState" ? ["state"] as const : []),
    ...(give === "short" ? ["bytes"] as const : []),
    ...(give === "slow" ? ["delay_ms"] as const : []),
  ];
  const foreign = foreignKey(file, `a fault of ${call} that gives ${give}`, keys);
  if (foreign !== null) return foreign;
  if (give === "short") {
    if (!MOVING_CALLS.has(call)) {
      return { key: "give", message: `expected an errno or slow: ${call} moves no bytes` };
    }
    if (bytes === undefined) return missing("bytes", "how many bytes it moves, such as 512B");
  }
  if (give === "slow" && delay_ms === undefined) {
    return missing("delay_ms", 'how much longer it takes, such as "5ms"');
  }
  if (give === "ENOMSG" && call !== "read") {
    return { key: "give", message: "expected another errno: only read gives ENOMSG" };
  }
  const moment = readMoment(file, call);
  if ("message" in moment) return moment;
  return {
    on,
    side,
    call,
    ...(state === undefined ? {} : { state }),
    ...moment,
    give,
    ...(bytes === undefined ? {} : { bytes }),
    ...(delay_ms === undefined ? {} : { delay_ms }),
  };
}

function readMoment(file: File, call: DeviceFault["call"]): FaultMoment | Refused {
  const { nth, byte, chance, seed, times = 1 } = file;
  const given = (["nth", "byte", "chance"] as const).filter((key) => file[key] !== undefined);
  const [first, second] = given;
  if (second !== undefined) {
    return { key: second, message: `expected one moment: ${first} says one already` };
  }
  if (seed !== undefined && chance === undefined) {
    return { key: "seed", message: "expected no such key without chance" };
  }
  if (byte !== undefined) {
    if (MOVING_CALLS.has(call)) return { byte, times };
    return { key: "byte", message: `expected nth instead: ${call} moves no bytes` };
  }
  if (chance !== undefined) {
    // A chance without an end would be 1 time by the fallback, which nobody means by it.
    const often = file.times ?? "ever";
    return { chance, ...(seed === undefined ? {} : { seed }), times: often };
  }
  return { nth: nth ?? 1, times };
}

function readLie(file: File): Fault | Refused {
  const { on, lie } = file;
  if (lie === undefined) return missing("lie", `a lie: ${LIE_NAMES.join(", ")}`);
  const { sides } = lieOf(lie);
  const { side = sides[0] } = file;
  if (!sides.includes(side)) return missing("side", `${sides.join(" or ")}: who hears that lie`);
  const isOfState = lie === "state-unchanged";
  const foreign = foreignKey(
    file,
    `the lie ${lie}`,
    isOfState ? ["side", "lie", "state"] : ["side", "lie"],
  );
  if (foreign !== null) return foreign;
  const state = file.state === undefined ? {} : { state: file.state };
  return { on, side, give: "lie", lie, ...state };
}

function readChannelFault(file: File, on: `channel${number | ""}`): Fault | Refused {
  const { give, byte = 0, stall_ms } = file;
  if (!isOneOf(give, CHANNEL_GIVES)) return wrongGive("a channel", CHANNEL_GIVES);
  const keys = give === "stall" ? ["byte", "stall_ms"] as const : ["byte"] as const;
  const foreign = foreignKey(file, `${give} on a channel`, keys);
  if (foreign !== null) return foreign;
  if (give !== "stall") return { on, give, byte };
  if (stall_ms === undefined) return missing("stall_ms", 'for how long, such as "500ms", or ever');
  return { on, give, byte, stall_ms };
}

function readWorkerFault(file: File): Fault | Refused {
  const { give, side, at } = file;
  if (give !== "die") return wrongGive("a Worker", ["die"]);
  if (side === undefined) return missing("side", "source or destination");
  if (at === undefined) return missing("at", `where: ${FAULT_PLACES.join(", ")}`);
  return foreignKey(file, "a Worker's fault", ["side", "at"]) ?? { on: "worker", side, give, at };
}

function readHostFault(file: File): Fault | Refused {
  const { give, side = "destination" } = file;
  if (!isOneOf(give, HOST_GIVES)) return wrongGive("a host", HOST_GIVES);
  return foreignKey(file, "a host's fault", ["side"]) ?? { on: "host", side, give };
}

function readUserFault(file: File): Fault | Refused {
  const { give, at, nth = 1 } = file;
  if (give !== "cancel") return wrongGive("the user", ["cancel"]);
  if (at === undefined) return missing("at", `where: ${FAULT_PLACES.join(", ")}`);
  return foreignKey(file, "a user's fault", ["at", "nth"]) ?? { on: "user", give, at, nth };
}
