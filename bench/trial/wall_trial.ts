import {
  breakChannel,
  breakMultifdSockets,
  closeChannel,
  closeMultifdSockets,
  type MultifdEnds,
  type MultifdSockets,
  type OpenChannel,
  openChannel,
  openMultifdSockets,
} from "../../core/channel/mod.ts";
import type { DeviceImage } from "../../core/device/mod.ts";
import { close, ERRNO } from "../../core/libc/mod.ts";
import type { MigrationOptions, PolicyName } from "../../core/migration/mod.ts";
import { type DurationCounts, encodeHistogram, histogramOfCounts } from "../measure/mod.ts";
import type { Case } from "../scenario/mod.ts";
import type { TracedTrial } from "../trace/traced_trial.ts";
import { type HalfWorker, startHalfWorker } from "./half_worker.ts";
import type { TimelineEvent, TrialRecord } from "./record.ts";
import { type TrialOutcome, type TrialPlace, trialRecord, trialTimeline } from "./trial_record.ts";
import type { Breakage, FromWorker, HalfMultifd, HalfPlan } from "./worker_message.ts";

/** A trial as it is kept. */
export interface Trial {
  readonly record: TrialRecord;
  readonly timeline: readonly TimelineEvent[];
  /** Every step of both sides, where that was asked for. */
  readonly traced?: TracedTrial;
}

/** What a trial leaves behind besides its numbers; nothing where none of it is given. */
export interface KeptOfTrial {
  /** A folder for the stream of a file channel, as SCENARIO-CASE-TRIAL.stream. */
  readonly streamsIn?: string | undefined;
  /** A folder for its devices' sessions, as SCENARIO-CASE-TRIAL-DEVICE.jsonl and .bin. */
  readonly recordingsIn?: string | undefined;
  /** Whether every step is kept, in the trial itself. */
  readonly traced?: boolean | undefined;
}

function nameOf(one: Case, { caseNumber, trial }: TrialPlace): string {
  return `${one.scenario}-${caseNumber}-${trial}`;
}

/** How long a migration may go on after it was cancelled before its channel is broken. */
const CANCEL_GRACE_MS = 1_000;
/** What a trial may take beyond its migration's own limits, once before and once after the switchover. */
const WATCHDOG_EXTRA_MS = 10_000;

/**
 * Plays one migration on the wall clock: two Workers, a channel between them, real bytes. Whatever goes
 * wrong is in the record; no Worker, fd or file is left behind.
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
  const isFile = one.params.channel === "file";
  const path = !isFile
    ? ""
    : keep.streamsIn === undefined
    ? await Deno.makeTempFile({ prefix: "vfio-migbench-" })
    : `${keep.streamsIn}/${nameOf(one, place)}.stream`;
  try {
    const channels = openChannels(one, path);
    try {
      const outcome = await migrate(one, place, channels, signal, keep);
      return {
        record: trialRecord(one, place, outcome),
        timeline: trialTimeline(place, outcome.source, outcome.destination),
        ...(outcome.traced === undefined ? {} : { traced: outcome.traced }),
      };
    } finally {
      closeChannels(channels);
    }
  } finally {
    if (isFile && keep.streamsIn === undefined) await Deno.remove(path);
  }
}

/** The main channel, and those for device state beside it where there are any. */
interface Channels {
  readonly main: OpenChannel;
  readonly multifd: MultifdSockets | null;
}

/** Opens them all; throws with none left open. Beside a ring the others are unix sockets. */
function openChannels(one: Case, path: string): Channels {
  const main = openChannel(channelOptions(one, path));
  const { multifd, channel, channels } = one.params;
  if (!multifd) return { main, multifd: null };
  try {
    return { main, multifd: openMultifdSockets(channel === "tcp" ? "tcp" : "unix", channels) };
  } catch (error) {
    closeChannel(main);
    throw error;
  }
}

function breakChannels({ main, multifd }: Channels, errno: number): void {
  breakChannel(main, errno);
  if (multifd !== null) breakMultifdSockets(multifd, errno);
}

function closeChannels({ main, multifd }: Channels): void {
  closeChannel(main);
  if (multifd !== null) closeMultifdSockets(multifd);
}

/** What a case's channel is opened with. */
export function channelOptions({ params }: Case, path: string): Parameters<typeof openChannel>[0] {
  return {
    kind: params.channel,
    bufferSize: params.buffer_size,
    ringSlots: params.ring_slots,
    port: params.port,
    path,
  };
}

export function migrationOptions({ params, region }: Case): MigrationOptions {
  const never = (at_ms: number) => at_ms === 0 ? Infinity : at_ms;
  return {
    bufferSize: params.buffer_size,
    downtimeLimitMs: params.downtime_limit_ms,
    ...(params.downtime_limit_changes_at_ms === 0 ? {} : {
      laterDowntimeLimit: {
        atMs: params.downtime_limit_changes_at_ms,
        limitMs: params.later_downtime_limit_ms,
      },
    }),
    maxBandwidth: params.max_bandwidth,
    availSwitchoverBandwidth: params.avail_switchover_bandwidth,
    switchoverAck: params.switchover_ack,
    switchoverAckLegacy: params.switchover_ack_legacy,
    returnPath: params.return_path,
    reinit: params.reinit,
    xEnableMigration: region.x_enable_migration,
    pauseBeforeSwitchoverMs: params.pause_before_switchover_ms,
    guestPausedAtMs: never(params.guest_paused_at_ms),
    cancelAtMs: never(params.cancel_at_ms),
    maxTimeMs: params.max_time_ms,
  };
}

/** The destination's, which may be another QEMU than the source's. */
export function destinationOf(
  one: Case,
): { readonly policy: PolicyName; readonly options: MigrationOptions } {
  const { policy, destination_policy, destination_ack_legacy } = one.params;
  const options = migrationOptions(one);
  return {
    policy: destination_policy === "same" ? policy : destination_policy,
    options: destination_ack_legacy === "same"
      ? options
      : { ...options, switchoverAckLegacy: destination_ack_legacy === "on" },
  };
}

/** What both halves left, and their steps where those were kept. */
type WallOutcome = TrialOutcome & { readonly traced?: TracedTrial };

async function migrate(
  one: Case,
  place: TrialPlace,
  channels: Channels,
  signal: AbortSignal,
  keep: KeptOfTrial,
): Promise<WallOutcome> {
  const cancel = new SharedArrayBuffer(4);
  const multifdOf = (ends: MultifdEnds | undefined): HalfMultifd | null =>
    ends === undefined ? null : { ends, maxQueuedBytes: one.params.max_queued_bytes };
  const common = {
    devices: one.devices,
    ram: one.ram,
    options: migrationOptions(one),
    policy: one.params.policy,
    seed: place.seed,
    recordAs: keep.recordingsIn === undefined ? null : `${keep.recordingsIn}/${nameOf(one, place)}`,
    measure: one.params.measure,
    faults: one.faults,
    traced: keep.traced === true,
    cancel,
  };
  const source = startHalfWorker("source");
  const destination = startHalfWorker("destination");
  const stopWatching = watch(one, channels, cancel, signal);
  const images: (readonly DeviceImage[])[] = [];
  const play = async (): Promise<TrialOutcome> => {
    const ready = await Promise.all([
      plan(source, {
        ...common,
        role: "source",
        channel: channels.main.source,
        multifd: multifdOf(channels.multifd?.source),
      }),
      plan(destination, {
        ...common,
        role: "destination",
        channel: channels.main.destination,
        multifd: multifdOf(channels.multifd?.destination),
        ...destinationOf(one),
      }),
    ]);
    for (const answer of ready) images.push(answer.type === "ready" ? answer.images : []);
    const unready = ready.find((answer) => answer.type !== "ready");
    if (unready !== undefined) return brokenOutcome(unready);

    const [sourceDone, destinationDone] = await run(one, channels, source, destination);
    const outcome = reportOutcome(sourceDone, destinationDone);
    if (!haveBothSucceeded(outcome)) return outcome;

    source.tell({ type: "verify", images: images[1] ?? [] });
    const verified = await source.next();
    if (verified.type !== "verified") return { ...outcome, broken: whatBroke(verified) };
    const { difference } = verified;
    return {
      ...outcome,
      compared: true,
      difference: difference === null
        ? null
        : { device: imageName(one, difference.image), offset: difference.offset },
    };
  };
  const end = async (): Promise<string[]> => {
    stopWatching();
    const obstacles = await Promise.all([
      endHalf(source, images[0] ?? []),
      endHalf(destination, images[1] ?? []),
    ]);
    return obstacles.flat();
  };
  let outcome: TrialOutcome;
  try {
    outcome = await play();
  } catch (error) {
    await end();
    throw error;
  }
  return { ...outcome, obstacles: await end() };
}

/** Whose image it is: real devices have none, and RAM's is the last. */
function imageName({ devices }: Case, image: number): string {
  return devices.filter(({ kind }) => kind !== "kernel")[image]?.id ?? "RAM";
}

async function plan(half: HalfWorker, halfPlan: HalfPlan): Promise<FromWorker> {
  half.tell({ type: "plan", plan: halfPlan });
  return await half.next();
}

/** Lets both halves run; the destination of a file waits until the file is written. */
async function run(
  one: Case,
  channels: Channels,
  source: HalfWorker,
  destination: HalfWorker,
): Promise<[FromWorker, FromWorker]> {
  const breakOnFailure = (answer: FromWorker): FromWorker => {
    // The other half may wait for a peer that will not speak again.
    if (answer.type !== "done" || answer.report.failure !== null) {
      breakChannels(channels, ERRNO.EPIPE);
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

/** Cancels the migration when the user wants it stopped, and breaks the channel of one that does not end. */
function watch(
  one: Case,
  channels: Channels,
  cancel: SharedArrayBuffer,
  signal: AbortSignal,
): () => void {
  const timers: ReturnType<typeof setTimeout>[] = [];
  const limit_ms = 2 * (one.params.max_time_ms + WATCHDOG_EXTRA_MS);
  timers.push(setTimeout(() => breakChannels(channels, ERRNO.ETIMEDOUT), limit_ms));
  const onAbort = () => {
    Atomics.store(new Int32Array(cancel), 0, 1);
    timers.push(setTimeout(() => breakChannels(channels, ERRNO.ECANCELED), CANCEL_GRACE_MS));
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  return () => {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

/** Ends a half that is not blocked any more. What a dead Worker had open is closed here. */
async function endHalf(
  half: HalfWorker,
  images: readonly DeviceImage[],
): Promise<readonly string[]> {
  half.tell({ type: "close" });
  for (;;) {
    const answer = await half.next();
    if (answer.type === "closed") return answer.obstacles;
    if (answer.type !== "broken") continue;
    for (const { fd } of images) close(fd);
    half.end();
    return [];
  }
}

const NOTHING: TrialOutcome = {
  source: null,
  destination: null,
  broken: null,
  obstacles: [],
  difference: null,
  compared: false,
  readDurations: null,
  writeDurations: null,
};

function brokenOutcome(answer: FromWorker): WallOutcome {
  return { ...NOTHING, broken: whatBroke(answer) };
}

function whatBroke(answer: FromWorker): Breakage {
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
    readDurations: isSource ? encoded(sourceDone.durations) : null,
    destination: isDestination ? destinationDone.report : null,
    writeDurations: isDestination ? encoded(destinationDone.durations) : null,
    broken: !isSource ? whatBroke(sourceDone) : !isDestination ? whatBroke(destinationDone) : null,
  };
}

function encoded(counts: DurationCounts | null): string | null {
  return counts === null ? null : encodeHistogram(histogramOfCounts(counts));
}

function haveBothSucceeded({ source, destination }: TrialOutcome): boolean {
  return source?.failure === null && destination?.failure === null;
}
