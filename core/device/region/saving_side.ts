import type { Clock } from "../../clock/mod.ts";
import { REGION_STATE } from "../../vfio/region/mod.ts";
import type { DeviceProfile } from "../profile.ts";
import { createPacer, pace, type Pacer } from "../simulated/pacer.ts";
import type { StateMemory } from "../simulated/state_memory.ts";
import {
  beginPrecopy,
  beginStopCopy,
  createStateStream,
  dirtyBytes,
  initialBytes,
  readStream,
  reinitialize,
  runGuest,
  type StateStream,
  stopCopyBytes,
} from "../simulated/state_stream.ts";
import { clearSection, type DataSection } from "./data_section.ts";
import type { RegionOptions } from "./region_options.ts";

const { RUNNING, SAVING } = REGION_STATE;
const PRECOPY = SAVING | RUNNING;

/** A simulated device as it saves: its state as a stream, cut into chunks, and the guest that dirties it. */
export interface SavingSide {
  readonly profile: DeviceProfile;
  readonly report: RegionOptions["pending_report"];
  readonly clock: Clock;
  readonly section: DataSection;
  readonly stream: StateStream;
  readonly pacer: Pacer;
  /** When the guest was last brought up to date, and when precopy was entered. */
  guestNs: number;
  precopyNs: number;
  reinitsSeen: number;
}

export function createSavingSide(
  profile: DeviceProfile,
  report: RegionOptions["pending_report"],
  clock: Clock,
  memory: StateMemory | null,
  section: DataSection,
): SavingSide {
  return {
    profile,
    report,
    clock,
    section,
    stream: createStateStream({
      memory,
      size: profile.state_size,
      precopySize: profile.precopy ? Math.floor(profile.state_size * profile.initial_fraction) : 0,
      chunkSize: profile.chunk_size,
      dirtyRate: profile.dirty_rate,
      dirtySpan: profile.dirty_span,
    }),
    pacer: createPacer(profile.save_rate),
    guestNs: clock.nowNs(),
    precopyNs: 0,
    reinitsSeen: 0,
  };
}

/** A session begins, in precopy or stop-and-copy, wherever the device comes from. */
export function beginSaving(side: SavingSide, state: number): void {
  clearSection(side.section);
  if (state === PRECOPY) beginPrecopy(side.stream);
  else beginStopCopy(side.stream);
  side.precopyNs = side.clock.nowNs();
  side.reinitsSeen = 0;
}

/** pending_bytes in a saving state. What was staged is out of the device's hands, and the next chunk can be. */
export function takePendingBytes(side: SavingSide, state: number): number {
  const { stream, section } = side;
  bringGuestUpToDate(side, state);
  section.staged = -1;
  if (state === SAVING || side.report === "whole") return stopCopyBytes(stream);
  return initialBytes(stream) + dirtyBytes(stream);
}

/**
 * Puts the next chunk into the data section, unless there is one; 0 bytes where nothing is left, for now or
 * for good. Returns its size, or a negative errno.
 */
export function stageChunk(side: SavingSide, state: number): number {
  const { section, clock, pacer } = side;
  if (section.staged >= 0) return section.staged;
  bringGuestUpToDate(side, state);
  const { read_limit } = side.profile;
  const began_ns = clock.nowNs();
  const limit = read_limit > 0 ? Math.min(read_limit, section.size) : section.size;
  const n = readStream(side.stream, section.region, limit, state === SAVING);
  if (n < 0) return n;
  if (n > 0 && pacer.nsPerByte > 0) pace(pacer, clock, began_ns, n);
  section.staged = n;
  return n;
}

/** Lets the guest do what it did since it was last looked at. */
export function bringGuestUpToDate(side: SavingSide, state: number): void {
  const now = side.clock.nowNs();
  if (state === PRECOPY) {
    runGuest(side.stream, now - side.guestNs);
    takeReinits(side, (now - side.precopyNs) / 1e6);
  }
  side.guestNs = now;
}

/** Takes in the reconfigurations that have happened by now: to a user who cannot hear of them, dirty state. */
function takeReinits(side: SavingSide, ran_ms: number): void {
  const { reinit_at_ms, reinit_size } = side.profile;
  while (side.reinitsSeen < reinit_at_ms.length) {
    if ((reinit_at_ms[side.reinitsSeen] ?? Infinity) > ran_ms) return;
    reinitialize(side.stream, reinit_size, false);
    side.reinitsSeen++;
  }
}
