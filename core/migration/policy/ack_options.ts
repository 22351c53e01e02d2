import type { Policy } from "./policy.ts";

/** What the user chose about switchover-ack. */
export interface AckOptions {
  /** The `switchover-ack` capability. */
  readonly capability: boolean;
  /** The `switchover-ack-legacy` property: acks as before QEMU 11.1. Older generations know no other. */
  readonly legacy: boolean;
}

/**
 * Says whether devices ask for their acks one by one, and may ask again.
 *
 * Otherwise the destination counts, and there is one ack for the whole migration or none.
 *
 * @param policy The generation
 * @param options What the user chose
 * @returns `true` if each ack is asked for by a device
 */
export function devicesAskForAcks(policy: Policy, options: AckOptions): boolean {
  return policy.reusableAck && options.capability && !options.legacy;
}
