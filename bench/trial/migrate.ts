/**
 * One migration between two halves, wherever they are: both are told what to do, watched, compared and ended.
 * @module
 */
import type { ChannelEnd, MultifdEnds } from "../../core/channel/mod.ts";
import type { DeviceImage } from "../../core/device/mod.ts";
import { isUserFault } from "../../core/fault/mod.ts";
import { ERRNO, monotonicNs } from "../../core/libc/mod.ts";
import { type CountedSlot, encodeHistogram, histogramOfCounts } from "../measure/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { TracedTrial } from "../trace/traced_trial.ts";
import { firstOf, type ImagePair, type StateDifference } from "./compare_states.ts";
import { endHalf } from "./end_half.ts";
import type { HalfName, HalfWorker } from "./half_worker.ts";
import { firstOtherDigest } from "./image_digest.ts";
import { type KeptOfTrial, nameOf } from "./kept_of_trial.ts";
import { destinationOf, migrationOptions } from "./migration_options.ts";
import { watchProcessors } from "./processor_time.ts";
import type { SpareMemory } from "./state_supply.ts";
import { injectionsIn, type TrialFaults } from "./trial_faults.ts";
import type { TrialOutcome, TrialPlace } from "./trial_record.ts";
import { limitOf, watchTrial } from "./watch_trial.ts";
import type { Breakage, FromWorker, HalfMultifd, HalfPlan } from "./worker_message.ts";

/** One side's ends of all channels. */
export interface SideEnds {
  readonly channel: ChannelEnd;
  /** null without multifd. */
  readonly multifd: MultifdEnds | null;
}

/** One side of a migration. */
export interface Side {
  readonly half: HalfWorker;
  /** Takes the half over where all went well: it waits for another plan. Null: it ends. */
  readonly keep: (() => void) | null;
}

/** Both sides of a migration: two Workers of this process, or one and its like in another process. */
export interface Sides {
  readonly source: Side & { readonly ends: SideEnds };
  /** Without ends, it is elsewhere and has its plan already. */
  readonly destination: Side & { readonly ends: SideEnds | null };
  /** Breaks all channels, so that whoever waits on one comes back. */
  breakOff(errno: number): void;
  /** A Worker that was given up may still use the channels: they are not to be closed. */
  leaveOpen(): void;
  /** How the states are compared: byte by byte where both are at hand, else by what stands for them. */
  readonly compareBy: "bytes" | "digest";
}

/** What both halves left, and their steps where those were kept. */
export type WallOutcome = TrialOutcome & {
  readonly traced?: TracedTrial;
  /** When the states had been compared, on the clock of the reports. */
  readonly comparedNs?: number;
};

/** Plays one migration between two sides, whose halves are over and closed when it returns. */
export async function migrate(
  one: Case,
  place: TrialPlace,
  sides: Sides,
  faults: TrialFaults,
  signal: AbortSignal,
  keep: KeptOfTrial,
): Promise<WallOutcome> {
  const cancel = new SharedArrayBuffer(4);
  const multifdOf = (ends: MultifdEnds | null): HalfMultifd | null =>
    ends === null ? null : { ends, maxQueuedBytes: one.params.max_queued_bytes };
  const spare = keep.memories?.spareFor(one);
  const common = {
    devices: one.devices,
    ram: one.ram,
    options: migrationOptions(one),
    policy: one.params.policy,
    seed: place.seed,
    recordAs: keep.recordingsIn === undefined ? null : `${keep.recordingsIn}/${nameOf(one, place)}`,
    measure: one.params.measure,
    faults: faults.plan,
    struck: faults.struck,
    traced: keep.traced === true,
    cancel,
  };
  const source = sides.source.half;
  const destination = sides.destination.half;
  const watch = watchTrial({
    limit_ms: limitOf(one, keep),
    cancelsItself: faults.plan.some(isUserFault),
    breakChannels: (errno) => sides.breakOff(errno),
    giveUp(message) {
      source.giveUp(`The source's Worker ${message}`);
      destination.giveUp(`The destination's Worker ${message}`);
    },
    cancel,
    signal,
  });
  const images: (readonly DeviceImage[])[] = [];
  const play = async (): Promise<WallOutcome> => {
    const ready = await Promise.all([
      plan(source, {
        ...common,
        role: "source",
        spare: spare?.source ?? [],
        channel: sides.source.ends.channel,
        multifd: multifdOf(sides.source.ends.multifd),
        ...(keep.carried === undefined ? {} : { carried: keep.carried }),
      }),
      sides.destination.ends === null ? destination.next() : plan(destination, {
        ...common,
        role: "destination",
        spare: spare?.destination ?? [],
        channel: sides.destination.ends.channel,
        multifd: multifdOf(sides.destination.ends.multifd),
        ...destinationOf(one),
      }),
    ]);
    for (const answer of ready) images.push(answer.type === "ready" ? answer.images : []);
    const unready = ready.find((answer) => answer.type !== "ready");
    if (unready !== undefined) return brokenOutcome(unready);

    watch.begin();
    const processors = watchProcessors();
    const [sourceDone, destinationDone] = await run(one, sides, source, destination);
    const spent = processors();
    const verified = !haveBothSucceeded(sourceDone, destinationDone)
      ? null
      : sides.compareBy === "digest"
      ? compareDigests(source, destination)
      : compareBytes(source, destination, images);
    // While the states are compared.
    const outcome = {
      ...reportOutcome(sourceDone, destinationDone),
      processors: spent,
    };
    if (verified === null) return outcome;
    const answer = await verified;
    const comparedNs = monotonicNs();
    if (answer.type !== "verified") return { ...outcome, broken: whatBroke(answer) };
    keep.memories?.keep(one, {
      source: memoriesOf(ready[0]),
      destination: memoriesOf(ready[1]),
    });
    const { difference } = answer;
    return {
      ...outcome,
      compared: true,
      ...(sides.compareBy === "bytes" ? { comparedNs } : {}),
      difference: difference === null
        ? null
        : { device: imageName(one, difference.image), offset: difference.offset },
    };
  };
  const end = async (mayStay: boolean): Promise<string[]> => {
    const users = sides.source.ends.multifd?.users ?? null;
    const endSide = (name: HalfName) => {
      const { half, keep } = sides[name];
      return endHalf(half, { name, users }, mayStay && keep !== null);
    };
    const obstacles = await Promise.all([endSide("source"), endSide("destination")]);
    watch.stop();
    if ([source, destination].some((half) => half.state() === "given up")) sides.leaveOpen();
    return obstacles.flat();
  };
  let outcome: WallOutcome;
  try {
    outcome = await play();
  } catch (error) {
    await end(false);
    throw error;
  }
  const mayStay = faults.plan.length === 0 && wentWell(outcome);
  const obstacles = await end(mayStay);
  const areSound = obstacles.length === 0 &&
    [source, destination].every((half) => half.state() === "alive");
  for (const { half, keep } of [sides.source, sides.destination]) {
    if (!mayStay || keep === null) continue;
    if (areSound) keep();
    else half.end();
  }
  return {
    ...outcome,
    obstacles,
    endedAfter_ms: watch.endedAfter_ms(),
    injections: injectionsIn(faults, outcome.injections ?? []),
  };
}

/** Lets both Workers compare the states, each half of every one: none of the two has anything else to do. */
async function compareBytes(
  source: HalfWorker,
  destination: HalfWorker,
  [ours = [], theirs = []]: readonly (readonly DeviceImage[])[],
): Promise<FromWorker> {
  const pairs = ours.map((image, i): ImagePair => [image, theirs[i] ?? null]);
  const answers = await Promise.all([source, destination].map((half, part) => {
    half.tell({ type: "verify", pairs, part, parts: 2 });
    return half.next();
  }));
  let difference: StateDifference | null = null;
  for (const answer of answers) {
    if (answer.type !== "verified") return answer;
    difference = firstOf(difference, answer.difference);
  }
  return { type: "verified", difference };
}

function memoriesOf(answer: FromWorker): readonly SpareMemory[] {
  return answer.type === "ready" ? answer.memories ?? [] : [];
}

/** Compares what each side hashed of its own; where they differ, not where in them. */
async function compareDigests(source: HalfWorker, destination: HalfWorker): Promise<FromWorker> {
  source.tell({ type: "digest" });
  destination.tell({ type: "digest" });
  const [ours, theirs] = await Promise.all([source.next(), destination.next()]);
  if (ours.type !== "digested") return ours;
  if (theirs.type !== "digested") return theirs;
  const image = firstOtherDigest(ours.digests, theirs.digests);
  return { type: "verified", difference: image === null ? null : { image, offset: null } };
}

/** Whose image it is: real devices have none, and RAM's is the last. */
function imageName({ devices }: Case, image: number): string {
  return devices.filter(({ kind }) => kind !== "kernel")[image]?.id ?? "RAM";
}

export async function plan(half: HalfWorker, halfPlan: HalfPlan): Promise<FromWorker> {
  half.tell({ type: "plan", plan: halfPlan });
  return await half.next();
}

/** Lets both halves run; the destination of a file waits until the file is written. */
async function run(
  one: Case,
  sides: Sides,
  source: HalfWorker,
  destination: HalfWorker,
): Promise<[FromWorker, FromWorker]> {
  const breakOnFailure = (answer: FromWorker): FromWorker => {
    // The other half may wait for a peer that will not speak again.
    if (answer.type !== "done" || answer.report.failure !== null) {
      sides.breakOff(ERRNO.EPIPE);
    }
    return answer;
  };
  if (one.params.channel === "file") {
    source.tell({ type: "run" });
    const sourceDone = await source.next();
    destination.tell({ type: "run" });
    return [sourceDone, await destination.next()];
  }
  destination.tell({ type: "run" });
  source.tell({ type: "run" });
  return await Promise.all([
    source.next().then(breakOnFailure),
    destination.next().then(breakOnFailure),
  ]);
}

const NOTHING: TrialOutcome = {
  source: null,
  destination: null,
  broken: null,
  obstacles: [],
  endedAfter_ms: null,
  difference: null,
  compared: false,
  readDurations: null,
  writeDurations: null,
};

function brokenOutcome(answer: FromWorker): WallOutcome {
  return { ...NOTHING, broken: whatBroke(answer) };
}

export function whatBroke(answer: FromWorker): Breakage {
  return answer.type === "broken"
    ? answer
    : { message: `A Worker answered "${answer.type}" out of turn` };
}

function reportOutcome(sourceDone: FromWorker, destinationDone: FromWorker): WallOutcome {
  const isSource = sourceDone.type === "done" && sourceDone.role === "source";
  const isDestination = destinationDone.type === "done" && destinationDone.role === "destination";
  const sourceSteps = isSource ? sourceDone.trace : null;
  const destinationSteps = isDestination ? destinationDone.trace : null;
  return {
    ...NOTHING,
    ...(sourceSteps === null
      ? {}
      : { traced: { source: sourceSteps, destination: destinationSteps ?? [] } }),
    source: isSource ? sourceDone.report : null,
    injections: [
      ...(isSource ? sourceDone.injections : []),
      ...(isDestination ? destinationDone.injections : []),
    ],
    ...(isSource ? { guestWritesNs: sourceDone.guestWritesNs } : {}),
    readDurations: isSource ? encoded(sourceDone.durations) : null,
    destination: isDestination ? destinationDone.report : null,
    writeDurations: isDestination ? encoded(destinationDone.durations) : null,
    broken: !isSource ? whatBroke(sourceDone) : !isDestination ? whatBroke(destinationDone) : null,
  };
}

function encoded(slots: readonly CountedSlot[] | null): string | null {
  return slots === null ? null : encodeHistogram(histogramOfCounts(slots));
}

/** Whether nothing is wrong with the states, nor with who moved them. */
function wentWell({ broken, compared, difference }: WallOutcome): boolean {
  return broken === null && compared && difference === null;
}

function haveBothSucceeded(source: FromWorker, destination: FromWorker): boolean {
  return [source, destination].every((done) =>
    done.type === "done" && done.report.failure === null
  );
}
