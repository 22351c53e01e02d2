import type { Clock } from "../../clock/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import type { DeviceProfile } from "../profile.ts";
import { createPacer, pace, type Pacer } from "../simulated/pacer.ts";
import type { RecordHeader } from "../simulated/record.ts";
import {
  beginLoading,
  createStateLoader,
  loadedWhole,
  loadStream,
  type StateLoader,
} from "../simulated/state_loader.ts";
import type { StateMemory } from "../simulated/state_memory.ts";
import { clearSection, type DataSection } from "./data_section.ts";

/** A simulated device as it resumes: chunk after chunk is taken in from the data section. */
export interface LoadingSide {
  readonly profile: DeviceProfile;
  readonly clock: Clock;
  readonly section: DataSection;
  readonly loader: StateLoader;
  readonly pacer: Pacer;
  /** Whether a byte has been handed over. */
  begun: boolean;
  preparedBytes: number;
}

export function createLoadingSide(
  profile: DeviceProfile,
  clock: Clock,
  memory: StateMemory | null,
  section: DataSection,
  headerFeed: RecordHeader[] | null,
): LoadingSide {
  return {
    profile,
    clock,
    section,
    loader: createStateLoader(memory, profile.state_size, headerFeed),
    pacer: createPacer(profile.load_rate),
    begun: false,
    preparedBytes: 0,
  };
}

export function beginResuming(side: LoadingSide): void {
  clearSection(side.section);
  beginLoading(side.loader);
  side.begun = false;
  side.preparedBytes = 0;
}

/** The data section is free for the next chunk. */
export function openSection({ section }: LoadingSide): void {
  section.open = true;
  section.written = 0;
}

/**
 * Takes in the first `length` bytes of the data section. 0, or a negative errno: -EINVAL without an
 * `openSection` before, for more than there can be, or for what is no stream of such a device.
 *
 * @param mapped Whether the bytes may have come through a mapping, where nobody sees them come
 */
export function commitChunk(side: LoadingSide, length: number, mapped: boolean): number {
  const { section, loader, pacer, clock } = side;
  if (!section.open || length < 0 || length > section.size) return -ERRNO.EINVAL;
  if (!mapped && length > section.written) return -ERRNO.EINVAL;
  section.open = false;
  if (length > 0) side.begun = true;
  const began_ns = clock.nowNs();
  for (let done = 0; done < length;) {
    const n = loadStream(loader, section.region, done, length - done);
    if (n < 0) return n;
    done += n;
  }
  if (pacer.nsPerByte > 0) pace(pacer, clock, began_ns, length);
  prepare(side);
  return 0;
}

/** Whether a load was begun and is not whole: then the state is neither the old one nor the new. */
export function isCutShort({ begun, loader }: LoadingSide): boolean {
  return begun && !loadedWhole(loader);
}

/** The destination pays for state nothing had prepared it for as that state arrives. */
function prepare(side: LoadingSide): void {
  const { prealloc_ms_per_mib } = side.profile;
  if (prealloc_ms_per_mib === 0) return;
  const fresh = side.loader.newBytes - side.preparedBytes;
  if (fresh < PREPARE_STEP && !side.loader.ended) return;
  side.preparedBytes += fresh;
  side.clock.sleepNs(fresh / PREPARE_STEP * prealloc_ms_per_mib * 1e6);
}

/** Preparing is charged in steps of this size (1 MiB), so that small chunks do not mean a sleep each. */
const PREPARE_STEP = 1024 * 1024;
