import { type Case, expandCases, ScenarioSchema } from "../scenario/mod.ts";
import type { Channel } from "./point.ts";

/** What is measured, and with how much. */
export interface CeilingPlan {
  readonly channels: readonly Channel[];
  /** In bytes. */
  readonly bufferSizes: readonly number[];
  /** How often each point is measured. */
  readonly pairs: number;
  /** The device's state, in bytes. */
  readonly bytes: number;
}

/** The part of the state that moves in precopy. */
const WARM_PART = 0.25;

/**
 * The harness's own side: a migration for each channel and size of a buffer. What is measured of it is stop-copy, which
 * moves three quarters of the state; the first quarter moves in precopy, over the same way, so that the code is warm and
 * the channel's buffers are there.
 */
export function ceilingCases({ channels, bufferSizes, pairs, bytes }: CeilingPlan): Case[] {
  return expandCases(ScenarioSchema.parse({
    name: "ceiling",
    question: "How close does the harness come to what this machine can do?",
    trials: pairs,
    warmup: 0,
    params: {
      // Switches over as soon as the initial data is loaded, whatever is left.
      switchover_ack: true,
      downtime_limit_ms: 1_000_000,
      avail_switchover_bandwidth: 1024 ** 4,
    },
    matrix: { channel: channels, buffer_size: bufferSizes },
    devices: [{
      id: "nic0",
      profile: "generic",
      state_size: bytes,
      initial_fraction: WARM_PART,
    }],
  }));
}
