import type { Clock } from "../../clock/mod.ts";
import type { Region } from "../../libc/mod.ts";
import type { GuestRam, GuestRamLoader } from "../guest_ram.ts";
import { createPacer, pace } from "./pacer.ts";
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

/**
 * Sizes in bytes, rates in bytes per second, `dirty_span` 0 = all of RAM; the keys of the scenario files.
 *
 * Zero pages hardly take room on the wire, yet they are pending like all others until the source has come to them:
 *
 *     size  |<- zero_fraction: pending, not sent ->|<- sent ->|
 */
export interface RamProfile {
  readonly size: number;
  readonly dirty_rate: number;
  readonly dirty_span: number;
  /** The part of RAM that is zero pages, 0 to 1; none unless given. */
  readonly zero_fraction?: number;
  /** How fast the source goes through RAM, zero pages included; 0 = no limit. */
  readonly send_rate?: number;
}

/** How much of RAM goes over the wire the first time, in whole pages. */
export function ramWireBytes({ size, zero_fraction = 0 }: RamProfile): number {
  if (zero_fraction === 0 || size === 0) return size;
  return Math.max(1, Math.ceil(size * (1 - zero_fraction) / RAM_PAGE_SIZE)) * RAM_PAGE_SIZE;
}

/** With a send_rate a read gives no more than this long's worth, so that RAM's slice of a pass ends in time. */
const READ_SECONDS = 0.001;

/** RAM of a guest that dirties it while it runs. It is a state like a device's, without a device around it. */
export function createSimulatedRam(
  profile: RamProfile,
  clock: Clock,
  memory: StateMemory | null,
): GuestRam & { readonly stream: StateStream } {
  const { send_rate = 0 } = profile;
  const wireBytes = ramWireBytes(profile);
  const pendingPerByte = profile.size / wireBytes;
  const pacer = createPacer(send_rate);
  const stream = createStateStream({
    memory,
    size: wireBytes,
    precopySize: wireBytes,
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

  function pendingBytes(): number {
    return Math.round(initialBytes(stream) * pendingPerByte) + dirtyBytes(stream);
  }

  function readPaced(region: Region | null, length: number): number {
    const perByte = initialBytes(stream) > 0 ? pendingPerByte : 1;
    const most = Math.max(RAM_PAGE_SIZE, Math.floor(send_rate * READ_SECONDS / perByte));
    const beganNs = clock.nowNs();
    const n = readStream(stream, region, Math.min(length, most), finishing);
    if (n > 0) pace(pacer, clock, beganNs, n * perByte);
    return n;
  }

  return {
    stream,
    begin() {
      running = true;
      finishing = false;
      syncedNs = clock.nowNs();
      beginPrecopy(stream);
    },
    pendingBytes,
    sync() {
      // What the guest did since the last sync is carried out now; nobody could have seen it earlier.
      const now = guestNs();
      runGuest(stream, now - syncedNs);
      syncedNs = now;
    },
    read(region, length) {
      return send_rate > 0
        ? readPaced(region, length)
        : readStream(stream, region, length, finishing);
    },
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
  const loader = createStateLoader(memory, ramWireBytes(profile), headerFeed);
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
