import type { Clock } from "../../clock/mod.ts";
import type { GuestRam, GuestRamLoader } from "../guest_ram.ts";
import type { RecordHeader } from "./record.ts";
import { beginLoading, createStateLoader, loadedWhole, loadStream } from "./state_loader.ts";
import { closeStateMemory, stateImage, type StateMemory } from "./state_memory.ts";
import {
  beginPrecopy,
  createStateStream,
  dirtyBytes,
  initialBytes,
  readStream,
  runGuest,
  type StateStream,
} from "./state_stream.ts";

/** RAM's dirtying is tracked in pages. */
export const RAM_PAGE_SIZE = 4096;

/** Sizes in bytes, `dirty_rate` in bytes per second, `dirty_span` 0 = all of RAM; the keys of the scenario files. */
export interface RamProfile {
  readonly size: number;
  readonly dirty_rate: number;
  readonly dirty_span: number;
}

/** RAM of a guest that dirties it while it runs. It is a state like a device's, without a device around it. */
export function createSimulatedRam(
  profile: RamProfile,
  clock: Clock,
  memory: StateMemory | null,
): GuestRam & { readonly stream: StateStream } {
  const stream = createStateStream({
    memory,
    size: profile.size,
    precopySize: profile.size,
    chunkSize: RAM_PAGE_SIZE,
    dirtyRate: profile.dirty_rate,
    dirtySpan: profile.dirty_span,
  });
  let syncedNs = 0;
  let stoppedNs = 0;
  let running = true;
  let finishing = false;

  function guestNs(): number {
    return running ? clock.nowNs() : stoppedNs;
  }

  return {
    stream,
    begin() {
      running = true;
      finishing = false;
      syncedNs = clock.nowNs();
      beginPrecopy(stream);
    },
    pendingBytes: () => initialBytes(stream) + dirtyBytes(stream),
    sync() {
      // What the guest did since the last sync is carried out now; nobody could have seen it earlier.
      const now = guestNs();
      runGuest(stream, now - syncedNs);
      syncedNs = now;
    },
    read: (region, length) => readStream(stream, region, length, finishing),
    stop() {
      if (!running) return;
      stoppedNs = clock.nowNs();
      running = false;
    },
    finish() {
      finishing = true;
    },
    resume() {
      finishing = false;
      if (running) return;
      // It dirtied nothing while it stood still.
      syncedNs += clock.nowNs() - stoppedNs;
      running = true;
    },
    image: () => stateImage(memory),
    close() {
      if (memory !== null) closeStateMemory(memory);
    },
  };
}

/** RAM at the destination. Without memory it follows the source's `headerFeed`. */
export function createSimulatedRamLoader(
  profile: RamProfile,
  memory: StateMemory | null,
  headerFeed: RecordHeader[] | null = null,
): GuestRamLoader {
  const loader = createStateLoader(memory, profile.size, headerFeed);
  beginLoading(loader);
  return {
    write: (region, offset, length) => loadStream(loader, region, offset, length),
    isWhole: () => loadedWhole(loader),
    image: () => stateImage(memory),
    close() {
      if (memory !== null) closeStateMemory(memory);
    },
  };
}
