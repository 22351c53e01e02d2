import type { Clock } from "../../clock/mod.ts";

/** How a replay takes its time. */
export interface ReplayTiming {
  readonly clock: Clock;
  /** How many times as fast as it was recorded. */
  readonly speed: number;
}

/** What a replay owes: how much longer its calls took when they were recorded. */
export interface ReplayPace {
  readonly timing: ReplayTiming | null;
  owedNs: number;
}

/** A debt below this is carried on to the next call: a shorter sleep costs more than it sleeps. */
const SMALLEST_SLEEP_NS = 50_000;

/** @param timing null = calls take what they take */
export function createPace(timing: ReplayTiming | null): ReplayPace {
  return { timing, owedNs: 0 };
}

/** The moment at which a call begins. */
export function beginCall({ timing }: ReplayPace): number {
  return timing === null ? 0 : timing.clock.nowNs();
}

/** A call that began then took so long when it was recorded: sleeps off what is left of that. */
export function takeAsLong(pace: ReplayPace, beganNs: number, recordedNs: number): void {
  if (pace.timing === null) return;
  const { clock, speed } = pace.timing;
  const tookNs = clock.nowNs() - beganNs;
  // A call that took longer than the recorded one gives no credit: the next one is not to be shorter for it.
  pace.owedNs += Math.max(0, recordedNs / speed - tookNs);
  if (pace.owedNs < SMALLEST_SLEEP_NS) return;
  const sleptFromNs = clock.nowNs();
  clock.sleepNs(pace.owedNs);
  // What was overslept is taken off the next debt.
  pace.owedNs -= clock.nowNs() - sleptFromNs;
}
