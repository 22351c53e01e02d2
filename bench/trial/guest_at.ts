import type { DestinationReport, SourceReport } from "../../core/migration/mod.ts";

/**
 * Where the guest runs once a migration is over. Both: the destination's last word was lost, and the source went on
 * without it, as QEMU does. Neither: the source took the migration for completed, or is gone itself, and the
 * destination does not run.
 */
export type GuestAt = "source" | "destination" | "both" | "neither";

/** What a side without a report did, nobody knows: its guest is gone with it. */
export function guestAt(
  source: SourceReport | null,
  destination: DestinationReport | null,
): GuestAt {
  const failure = source?.failure ?? null;
  const atSource = failure !== null && failure.died !== true;
  const atDestination = destination !== null && destination.failure === null &&
    destination.runningNs !== null;
  if (atSource) return atDestination ? "both" : "source";
  return atDestination ? "destination" : "neither";
}

/**
 * What is to be said where not exactly one guest runs, or not where one would look for it after a failure; null where
 * there is nothing to say.
 */
export function guestText(at: GuestAt, source: SourceReport | null): string | null {
  const isGone = source === null || source.failure?.died === true;
  switch (at) {
    case "source":
      return null;
    case "destination":
      return isGone ? "the guest runs at the destination" : null;
    case "both":
      return "the guest runs on both sides: the source did not hear that the destination had started it";
    case "neither":
      return isGone
        ? "no guest runs: the source's is gone with it"
        : "no guest runs: the source has stopped its own, and took the migration for completed";
  }
}
