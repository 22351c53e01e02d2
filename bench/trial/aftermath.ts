import type { Injection } from "../../core/fault/mod.ts";
import { type GuestAt, guestAt } from "./guest_at.ts";
import type { TrialOutcome } from "./trial_record.ts";

/** What a trial left behind, as far as anybody can tell. */
export interface TrialAftermath {
  readonly guest: GuestAt;
  /** The state that each device was left in, by its id; nothing of a side that is gone. */
  readonly source: Readonly<Record<string, string>>;
  readonly destination: Readonly<Record<string, string>>;
  /** Which faults of the case's plan struck. */
  readonly injections: readonly Injection[];
  /** How long the source took over it, by the run's clock; null of one that is gone. */
  readonly took_ms: number | null;
}

export function aftermathOf(
  { source, destination }: Pick<TrialOutcome, "source" | "destination">,
  injections: readonly Injection[],
): TrialAftermath {
  const statesOf = (devices: readonly { readonly id: string; readonly leftIn: string }[]) =>
    Object.fromEntries(devices.map(({ id, leftIn }) => [id, leftIn]));
  return {
    guest: guestAt(source, destination),
    source: statesOf(source?.devices ?? []),
    destination: statesOf(destination?.devices ?? []),
    injections,
    took_ms: source === null ? null : (source.finishedNs - source.startNs) / 1e6,
  };
}
