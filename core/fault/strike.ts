import { ERRNO } from "../libc/errno.ts";
import type { DeviceState } from "../vfio/device_state.ts";
import { type DeviceFaults, noteHit, type Rule } from "./device_faults.ts";
import type { FaultCall } from "./fault.ts";

/** What is wrong with a call. One object is used again and again. */
export interface Strike {
  /** What it fails with instead of being made; 0 where it is made. */
  errno: number;
  /** The most that it moves, in bytes. */
  limit: number;
  /** How much longer it takes. */
  delayNs: number;
}

/** A call with which nothing is wrong. */
export function createStrike(): Strike {
  return { errno: 0, limit: Infinity, delayNs: 0 };
}

/**
 * Decides what is wrong with a call that is about to be made: of several faults that meet in it the delays add up,
 * the least limit holds, and the first errno of the plan. Counts the call. A device that is gone answers ENODEV to
 * everything.
 *
 *     nth   5, times 2    . . . . x x . .       from the fifth call on
 *     byte  B, times 2    . . . [B in here] x   from the first call on that has room for byte B
 *     chance              . x . . . x . .       each call for itself
 *
 * @param faults What the device has to expect, whose counters go on
 * @param call Which call
 * @param state Of `setState`: what is asked for; null for any other call
 * @param length How many bytes the call could move
 * @param nowNs The time, to be told with what struck
 * @param out Gets the decision
 */
export function strike(
  faults: DeviceFaults,
  call: FaultCall,
  state: DeviceState | null,
  length: number,
  nowNs: number,
  out: Strike,
): void {
  out.errno = faults.gone ? ERRNO.ENODEV : 0;
  out.limit = Infinity;
  out.delayNs = 0;
  if (faults.gone) return;
  const { rules, moved } = faults;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule === undefined || rule.fault.call !== call) continue;
    if (rule.state !== null && rule.state !== state) continue;
    rule.calls++;
    if (!isDue(rule, moved[call], length)) continue;
    rule.left--;
    const { give, bytes = Infinity, delay_ms = 0 } = rule.fault;
    if (give === "short") {
      if (bytes >= length) continue;
      out.limit = Math.min(out.limit, bytes);
    } else if (give === "slow") {
      out.delayNs += delay_ms * 1e6;
    } else {
      if (out.errno === 0) out.errno = ERRNO[give];
      if (give === "ENODEV") faults.gone = true;
    }
    noteHit(rule.hits, nowNs, rule.calls, moved[call]);
  }
}

/** Counts what a call moved. */
export function noteMoved(faults: DeviceFaults, call: FaultCall, bytes: number): void {
  if (bytes > 0) faults.moved[call] += bytes;
}

function isDue(rule: Rule, moved: number, length: number): boolean {
  if (rule.left <= 0) return false;
  const { nth, byte, chance } = rule.fault;
  if (chance !== undefined) return nextRandom(rule) < chance;
  if (!rule.begun) {
    rule.begun = byte === undefined
      ? rule.calls >= (nth ?? 1)
      : moved <= byte && byte < moved + length;
  }
  return rule.begun;
}

/** The next random number in [0, 1) of a rule (mulberry32). */
function nextRandom(rule: Rule): number {
  rule.random = (rule.random + 0x6d2b79f5) >>> 0;
  const { random } = rule;
  let mixed = Math.imul(random ^ (random >>> 15), random | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
