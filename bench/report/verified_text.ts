import type { VerifiedBy } from "../trial/record.ts";
import type { CaseResult } from "./result_document.ts";

type Way = "comparison" | "digest" | "virtual" | VerifiedBy;

/** What is said of so many trials, in this order. Virtual ones have no bytes to compare. */
const SAID: Readonly<Record<Way, (trials: number, others: boolean) => string>> = {
  comparison: (trials, others) =>
    `State verified byte for byte in all ${trials} trials${others ? " on the wall clock" : ""}.`,
  digest: (trials) => `State verified by the SHA-256 of both processes in all ${trials} trials.`,
  virtual: (trials) =>
    `Every record of state arrived in all ${trials} trials on the virtual clock.`,
  driver: (trials) => `State accepted by the destination's driver in all ${trials} trials.`,
  nobody: (trials) => `State not verified in all ${trials} trials: it went to no device.`,
  qemu: (trials) =>
    `As QEMU tells it, of ${trials} ${
      trials === 1 ? "migration" : "migrations"
    }: nobody compared the state.`,
};

const WAYS: readonly Way[] = ["comparison", "digest", "virtual", "driver", "nobody", "qemu"];

/** What verified means for cases none of whose trials failed. */
export function verifiedText(cases: readonly CaseResult[]): string {
  const trialsOf = (way: Way) =>
    cases.reduce((sum, one) => sum + (wayOf(one) === way ? one.trials : 0), 0);
  const ways = WAYS.filter((way) => trialsOf(way) > 0);
  return ways.map((way) => SAID[way](trialsOf(way), ways.length > 1)).join(" ");
}

/** Whether the numbers are of real devices. */
export function hasRealDevices(cases: readonly CaseResult[]): boolean {
  return cases.some(({ verified_by }) => verified_by === "driver" || verified_by === "nobody");
}

/** What the numbers of real devices cannot say, in two lines. */
export const UNKNOWN_OF_REAL: readonly string[] = [
  "Real devices, but no guest: what they dirtied is what they do with no driver at work, and downtime has",
  "no vCPUs, interrupts or network in it. RAM, where there is any, is simulated. deno task bench --help says more.",
];

function wayOf({ clock, verified_by, downtime_rests_on }: CaseResult): Way {
  if (clock === "virtual") return "virtual";
  // The bytes of the other process are not at hand.
  return verified_by ?? (downtime_rests_on === undefined ? "comparison" : "digest");
}
