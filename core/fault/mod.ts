/**
 * What is to go wrong in a migration: the plan of it as data, what it means for each call as pure decisions, and
 * devices to which it happens. Without a plan nothing of this is loaded into the way of a byte.
 *
 * @module
 */
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
} from "./strikes.ts";
export { type CarriedPlan, carryHostFaults } from "./host_faults.ts";
