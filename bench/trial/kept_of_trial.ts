import type { DeviceImage } from "../../core/device/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { SpareMemories } from "./spare_memories.ts";
import type { SpareWorkers } from "./spare_workers.ts";
import type { TrialPlace } from "./trial_record.ts";

/** What a trial leaves behind besides its numbers; nothing where none of it is given. */
export interface KeptOfTrial {
  /** A folder for the stream of a file channel, as SCENARIO-CASE-TRIAL.stream. */
  readonly streamsIn?: string | undefined;
  /** A folder for its devices' sessions, as SCENARIO-CASE-TRIAL-DEVICE.jsonl and .bin. */
  readonly recordingsIn?: string | undefined;
  /** Whether every step is kept, in the trial itself. */
  readonly traced?: boolean | undefined;
  /** What the source's devices and RAM hold when it begins, instead of what the seed says. */
  readonly carried?: readonly DeviceImage[] | undefined;
  /** Where the memory of its states is from, and goes to; the system unless given. */
  readonly memories?: SpareMemories | undefined;
  /** Where its Workers are from, and go to where it went well; its own, which end with it, unless given. */
  readonly workers?: SpareWorkers | undefined;
  /** What it may take beyond its migration's own limits, once before and once after the switchover; 10 s unless given. */
  readonly patience_ms?: number | undefined;
}

/** What the files of a trial begin with. */
export function nameOf(one: Case, { caseNumber, trial }: TrialPlace): string {
  return `${one.scenario}-${caseNumber}-${trial}`;
}
