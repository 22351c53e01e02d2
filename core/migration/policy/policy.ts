/**
 * The decision rules of the QEMU generations, as data.
 *
 * | policy      | versions     | an exact query counts            | the cheap one counts             |
 * | ----------- | ------------ | -------------------------------- | -------------------------------- |
 * | `qemu-8.1`  | 8.1 to 8.2   | stop copy + initial + dirty      | initial + dirty                  |
 * | `qemu-9.2`  | 9.2 to 11.0  | stop copy                        | initial + dirty                  |
 * | `qemu-11.1` | 11.1         | max(initial + dirty, stop copy)  | max(initial + dirty, stop copy)  |
 *
 * 9.0 and 9.1 lie between the first two: they count as 8.1 does and give every handler its turn as 9.2
 * does, which is `{ ...POLICIES["qemu-8.1"], iterateBlocksUntilFinished: false }`.
 *
 * @module
 */

/** The names of the policies, oldest first. */
export const POLICY_NAMES = ["qemu-8.1", "qemu-9.2", "qemu-11.1"] as const;

/** The name of a policy. */
export type PolicyName = (typeof POLICY_NAMES)[number];

/** What the iteration counter (`dirty_sync_count`) starts with, and what raises it by one. */
export interface IterationCounter {
  readonly start: number;
  readonly setupSync: boolean;
  readonly exactQuery: boolean;
  readonly finalSync: boolean;
}

/** The rules of one generation. Chosen once, before the migration starts. */
export interface Policy {
  readonly name: PolicyName;

  /** Whether a cheap total equal to the threshold asks for an exact one, or only a smaller total. */
  readonly exactAtThreshold: boolean;
  /** Whether nothing left for precopy asks for an exact total, however large the rest is. */
  readonly exactWhenPrecopyEmpty: boolean;
  /** Whether a total equal to the threshold completes, or only a smaller one. Zero always does. */
  readonly completesAtThreshold: boolean;

  /** Whether every query counts the cached stop-copy length, whatever state the device is in. */
  readonly stopCopyInEveryQuery: boolean;
  /** Whether an exact query adds initial and dirty bytes to a stop-copy length that has them already. */
  readonly doubleCounting: boolean;
  /** Whether what is read in precopy is taken off the cached stop-copy length. */
  readonly readLowersStopCopy: boolean;

  /** Whether devices are opted in to MIG_PRECOPY_INFOv2, so that REINIT means something. */
  readonly precopyInfoV2: boolean;
  /** Whether a device can ask for an ack again, and the source counts what it still waits for. */
  readonly reusableAck: boolean;
  /** Whether a last query runs after the devices are stopped, and fails the migration on a new request. */
  readonly finalQuery: boolean;

  /** Where the last dirty bitmap sync of RAM runs: in RAM's own section, or in the final query. */
  readonly ramFinalSync: "save-complete" | "final-query";
  readonly iterationCounter: IterationCounter;
  /** Whether a handler that has more to send keeps the later ones from their turn (before 9.0). */
  readonly iterateBlocksUntilFinished: boolean;

  /** Whether `avail-switchover-bandwidth` loses its last three digits to an integer division. */
  readonly integerAvailBandwidth: boolean;
  /** What the expected downtime is made of: RAM at the last sync, or all of the last exact total. */
  readonly expectedDowntime: "ram" | "total";
}

const QEMU_8_1: Policy = {
  name: "qemu-8.1",
  exactAtThreshold: true,
  exactWhenPrecopyEmpty: false,
  completesAtThreshold: false,
  stopCopyInEveryQuery: false,
  doubleCounting: true,
  readLowersStopCopy: false,
  precopyInfoV2: false,
  reusableAck: false,
  finalQuery: false,
  ramFinalSync: "save-complete",
  iterationCounter: { start: 0, setupSync: true, exactQuery: true, finalSync: true },
  iterateBlocksUntilFinished: true,
  integerAvailBandwidth: true,
  expectedDowntime: "ram",
};

const QEMU_9_2: Policy = {
  ...QEMU_8_1,
  name: "qemu-9.2",
  exactAtThreshold: false,
  completesAtThreshold: true,
  doubleCounting: false,
  iterateBlocksUntilFinished: false,
};

const QEMU_11_1: Policy = {
  ...QEMU_9_2,
  name: "qemu-11.1",
  exactAtThreshold: true,
  exactWhenPrecopyEmpty: true,
  stopCopyInEveryQuery: true,
  readLowersStopCopy: true,
  precopyInfoV2: true,
  reusableAck: true,
  finalQuery: true,
  ramFinalSync: "final-query",
  iterationCounter: { start: 1, setupSync: false, exactQuery: true, finalSync: false },
  integerAvailBandwidth: false,
  expectedDowntime: "total",
};

/** The policies by name. */
export const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  "qemu-8.1": QEMU_8_1,
  "qemu-9.2": QEMU_9_2,
  "qemu-11.1": QEMU_11_1,
};

/**
 * The policy name that a text is.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parsePolicyName, POLICIES } from "./policy.ts";
 *
 * assertEquals(POLICIES[parsePolicyName("qemu-9.2")].completesAtThreshold, true);
 * ```
 *
 * @param text A name such as a scenario gives it
 * @returns The name
 * @throws {RangeError} If there is no such policy
 */
export function parsePolicyName(text: string): PolicyName {
  for (const name of POLICY_NAMES) {
    if (name === text) return name;
  }
  throw new RangeError(
    `Cannot parse policy name as it is not one of ${POLICY_NAMES.join(", ")}: received "${text}"`,
  );
}
