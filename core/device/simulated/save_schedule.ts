import type { Clock } from "../../clock/mod.ts";
import type { DeviceProfile } from "../profile.ts";
import { createPacer, pace, type Pacer } from "./pacer.ts";

/**
 * When a device's saved data can be read, as its `save_mode` says; plain data.
 *
 * ```text
 *   streamed   every read takes the time of its bytes
 *   whole      |---- SAVE of an image ----| reads take none
 *   chunks     in PRE_COPY as whole; after the stop as streamed, and two chunks are saved ahead
 * ```
 */
export interface SaveSchedule {
  readonly mode: DeviceProfile["save_mode"];
  readonly nsPerByte: number;
  readonly pacer: Pacer;
  /** When the SAVE that is under way is over. */
  savedNs: number;
  /** Whether a query for dirty data started it. */
  isDirty: boolean;
}

/** Facts: a device that saves in chunks has at most so many ready. */
const CHUNKS_AHEAD = 2;

export function createSaveSchedule(profile: DeviceProfile): SaveSchedule {
  const { save_mode, save_rate, save_chunk_size } = profile;
  const ahead = save_mode === "chunks" ? CHUNKS_AHEAD * save_chunk_size : 0;
  const pacer = createPacer(save_rate, ahead);
  const { nsPerByte } = pacer;
  return { mode: save_mode, nsPerByte, pacer, savedNs: -Infinity, isDirty: false };
}

/** Begins a SAVE after the one that is under way, where saving is not done by the reading itself. */
export function beginSave(
  saves: SaveSchedule,
  clock: Clock,
  bytes: number,
  isDirty: boolean,
): void {
  if (saves.mode === "streamed") return;
  saves.savedNs = Math.max(saves.savedNs, clock.nowNs()) + bytes * saves.nsPerByte;
  saves.isDirty = isDirty;
}

export function isSaving(saves: SaveSchedule, clock: Clock): boolean {
  // Most devices never save ahead: a clock costs as much as a tenth of a small read.
  return saves.savedNs !== -Infinity && clock.nowNs() < saves.savedNs;
}

/** Whether no SAVE was ever begun, and reads take the time of no bytes. */
export function takesNoTime({ savedNs, nsPerByte }: SaveSchedule): boolean {
  return savedNs === -Infinity && nsPerByte === 0;
}

/** Returns when no SAVE is under way. */
export function awaitSave(saves: SaveSchedule, clock: Clock): void {
  if (isSaving(saves, clock)) clock.sleepNs(saves.savedNs - clock.nowNs());
}

/** `n` bytes were read by a call that began at `beganNs`: takes the time that they take. */
export function paceRead(
  saves: SaveSchedule,
  clock: Clock,
  beganNs: number,
  n: number,
  stopped: boolean,
): void {
  const takesTime = saves.mode === "streamed" || (saves.mode === "chunks" && stopped);
  if (takesTime && saves.nsPerByte > 0) pace(saves.pacer, clock, beganNs, n);
}
