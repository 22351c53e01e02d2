import { monotonicNs } from "../../core/libc/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { TracedTrial } from "../trace/traced_trial.ts";
import { aftermathOf, type TrialAftermath } from "./aftermath.ts";
import { fixedCost } from "./fixed_cost.ts";
import { type HalfName, type HalfWorker, startHalfWorker } from "./half_worker.ts";
import { type KeptOfTrial, nameOf } from "./kept_of_trial.ts";
import { migrate, type Sides, type WallOutcome } from "./migrate.ts";
import type { TimelineEvent, TrialRecord } from "./record.ts";
import { breakChannels, type Channels, closeChannels, openChannels } from "./trial_channels.ts";
import { trialFaults } from "./trial_faults.ts";
import { type TrialPlace, trialRecord, trialTimeline } from "./trial_record.ts";

/** The two Workers of a trial. */
type Halves = Readonly<Record<HalfName, HalfWorker>>;

/** A trial as it is kept. */
export interface Trial {
  readonly record: TrialRecord;
  readonly timeline: readonly TimelineEvent[];
  /** What it left: where the guest runs, in which states the devices are, which faults struck. */
  readonly aftermath: TrialAftermath;
  /** Every step of both sides, where that was asked for. */
  readonly traced?: TracedTrial;
}

/**
 * Plays one migration on the wall clock: two Workers, a channel between them, real bytes. Whatever goes
 * wrong is in the record; no Worker, fd or file is left behind but the Workers that are kept.
 *
 * @param keep What is kept of it, and where
 * @throws {SystemCallError} where the channel cannot be opened
 */
export async function runWallTrial(
  one: Case,
  place: TrialPlace,
  signal: AbortSignal,
  keep: KeptOfTrial = {},
): Promise<Trial> {
  const beganNs = monotonicNs();
  // First of all: they load while the channels are opened.
  const start = (name: HalfName) => keep.workers?.take(one, name) ?? startHalfWorker(name);
  const halves: Halves = { source: start("source"), destination: start("destination") };
  const outcome = await overChannels(one, place, halves, signal, keep);
  const trial = trialOf(one, place, outcome);
  const fixed = fixedCost({ beganNs, ...outcome, closedNs: monotonicNs() });
  return fixed === null ? trial : { ...trial, record: { ...trial.record, fixed } };
}

/** Plays over a case's channels, which are closed afterwards, and ends the Workers where they cannot be opened. */
async function overChannels(
  one: Case,
  place: TrialPlace,
  halves: Halves,
  signal: AbortSignal,
  keep: KeptOfTrial,
): Promise<WallOutcome> {
  const isFile = one.params.channel === "file";
  let path = "";
  let channels: Channels | null = null;
  try {
    if (isFile) {
      path = keep.streamsIn === undefined
        ? await Deno.makeTempFile({ prefix: "vfio-migbench-" })
        : `${keep.streamsIn}/${nameOf(one, place)}.stream`;
    }
    const faults = trialFaults(one);
    channels = openChannels(one, path, faults);
    return await migrate(one, place, sidesHere(one, channels, halves, keep), faults, signal, keep);
  } finally {
    if (channels !== null) closeChannels(channels);
    else for (const half of Object.values(halves)) half.end();
    if (path !== "" && keep.streamsIn === undefined) await Deno.remove(path);
  }
}

/** A trial as it is kept, of what both sides left. */
export function trialOf(one: Case, place: TrialPlace, outcome: WallOutcome): Trial {
  return {
    record: trialRecord(one, place, outcome),
    timeline: trialTimeline(place, outcome.source, outcome.destination),
    aftermath: aftermathOf(outcome, outcome.injections ?? []),
    ...(outcome.traced === undefined ? {} : { traced: outcome.traced }),
  };
}

function sidesHere(
  one: Case,
  channels: Channels,
  halves: Halves,
  { workers }: KeptOfTrial,
): Sides {
  const { main, multifd } = channels;
  const side = (name: HalfName) => ({
    half: halves[name],
    ends: { channel: main[name], multifd: multifd?.[name] ?? null },
    keep: workers === undefined ? null : () => workers.keep(one, name, halves[name]),
  });
  return {
    source: side("source"),
    destination: side("destination"),
    breakOff: (errno) => breakChannels(channels, errno),
    leaveOpen: () => channels.mayBeUsed = true,
    compareBy: "bytes",
  };
}
