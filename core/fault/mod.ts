/**
 * What is to go wrong in a migration: the plan of it as data, what it means for each call as pure decisions, and
 * devices to which it happens. Without a plan nothing of this is loaded into the way of a byte.
 *
 * @module
 */
export {
  createDeviceFaults,
  type DeviceFaults,
  deviceInjections,
  type Hits,
  type Lying,
  noteHit,
  type Rule,
} from "./device_faults.ts";
export * from "./fault.ts";
export { isLieName, type Lie, LIE_NAMES, type LieName, lieOf } from "./lie.ts";
export {
  type ChannelStrike,
  type ChannelStrikes,
  channelStrikes,
  corruptedBit,
  createStruck,
  noteStrike,
  type Struck,
} from "./channel_strikes.ts";
export { type CarriedPlan, carryHostFaults } from "./host_faults.ts";
export { createStrike, noteMoved, type Strike, strike } from "./strike.ts";
export {
  createLieMemory,
  type LieMemory,
  notePrecopyInfoQuery,
  noteSizeQuery,
  type ReadLie,
  SURPLUS_BYTES,
  tellPrecopyInfo,
  tellRead,
  tellSize,
} from "./tell_lie.ts";
