import { DEVICE_STATE, type DeviceState } from "../vfio/device_state.ts";
import {
  type DeviceFault,
  type FaultCall,
  type FaultPlan,
  type FaultSide,
  type Injection,
  isDeviceFault,
  isLieFault,
  type LieFault,
} from "./fault.ts";
import { createLieMemory, type LieMemory } from "./tell_lie.ts";

/**
 * What is to go wrong with one device at one side, and how far it has come: plain data that goes with the device from
 * thread to thread.
 */
export interface DeviceFaults {
  readonly rules: readonly Rule[];
  readonly lies: readonly Lying[];
  /** What the calls of each kind have moved, in bytes. */
  readonly moved: Record<FaultCall, number>;
  readonly memory: LieMemory;
  /** Whether the device is gone, so that nothing but -ENODEV comes from it. */
  gone: boolean;
}

/** How often a fault struck, and when first. */
export interface Hits {
  times: number;
  firstNs: number;
  /** Of the first: the call's number, and the offset of its first byte. */
  nth: number;
  byte: number;
}

/** A fault of a call. */
export interface Rule {
  /** Its place in the plan. */
  readonly place: number;
  readonly fault: DeviceFault;
  /** The state that `setState` must be asked for; null for any. */
  readonly state: DeviceState | null;
  readonly hits: Hits;
  /** How many of its calls there were. */
  calls: number;
  /** How often it may still strike. */
  left: number;
  /** Whether its moment has come. */
  begun: boolean;
  /** Of `chance`: the state of its random numbers. */
  random: number;
}

/** A lie that the device tells. */
export interface Lying {
  readonly place: number;
  readonly fault: LieFault;
  /** The one state that it is about; null for all. */
  readonly state: DeviceState | null;
  readonly hits: Hits;
}

/**
 * What the plan has for a device at a side; null where that is nothing, so that the device is used as it is.
 *
 * @param seed The trial's: where the randomness of a `chance` without a seed of its own starts
 */
export function createDeviceFaults(
  plan: FaultPlan,
  device: string,
  side: FaultSide,
  seed: number,
): DeviceFaults | null {
  const rules: Rule[] = [];
  const lies: Lying[] = [];
  for (const [place, fault] of plan.entries()) {
    if (fault.on !== device) continue;
    if (isDeviceFault(fault) && fault.side === side) rules.push(createRule(place, fault, seed));
    else if (isLieFault(fault) && fault.side === side) {
      lies.push({ place, fault, state: stateOf(fault.state), hits: noHits() });
    }
  }
  if (rules.length === 0 && lies.length === 0) return null;
  return { rules, lies, moved: nothingMoved(), memory: createLieMemory(), gone: false };
}

function createRule(place: number, fault: DeviceFault, seed: number): Rule {
  return {
    place,
    fault,
    state: stateOf(fault.state),
    hits: noHits(),
    calls: 0,
    left: fault.times === "ever" ? Infinity : fault.times,
    begun: false,
    // Apart for each fault, so that two with the same chance do not strike together.
    random: ((fault.seed ?? seed) + Math.imul(place + 1, 0x9e3779b9)) >>> 0,
  };
}

function stateOf(name: keyof typeof DEVICE_STATE | undefined): DeviceState | null {
  return name === undefined ? null : DEVICE_STATE[name];
}

function noHits(): Hits {
  return { times: 0, firstNs: 0, nth: 0, byte: 0 };
}

function nothingMoved(): Record<FaultCall, number> {
  return {
    read: 0,
    write: 0,
    setState: 0,
    getPrecopyInfo: 0,
    getDataSize: 0,
    setPrecopyInfoV2: 0,
    reset: 0,
    readRegion: 0,
    writeRegion: 0,
    readData: 0,
    writeData: 0,
    map: 0,
    dirtyPages: 0,
  };
}

/** Notes that a fault struck. */
export function noteHit(hits: Hits, nowNs: number, nth: number, byte: number): void {
  if (hits.times++ > 0) return;
  hits.firstNs = nowNs;
  hits.nth = nth;
  hits.byte = byte;
}

/** What struck so far, in the order of the plan. */
export function deviceInjections({ rules, lies }: DeviceFaults): Injection[] {
  const struck: Injection[] = [];
  for (const { place, hits } of rules) {
    if (hits.times === 0) continue;
    const { firstNs: atNs, times, nth, byte } = hits;
    struck.push({ fault: place, atNs, times, nth, byte });
  }
  for (const { place, hits } of lies) {
    if (hits.times > 0) struck.push({ fault: place, atNs: hits.firstNs, times: hits.times });
  }
  return struck.sort((a, b) => a.fault - b.fault);
}
