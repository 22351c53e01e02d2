import type { Region } from "../libc/mod.ts";
import type { DeviceImage } from "./device.ts";

/** The guest's RAM at the source, as migration meets it: dirty pages are known as of the last bitmap sync. */
export interface GuestRam {
  /** All pages are dirty; the guest runs on. */
  begin(): void;
  /** Bytes known to be dirty and not yet sent. */
  pendingBytes(): number;
  /** The bitmap sync: what the guest dirtied since the last one becomes known. */
  sync(): void;
  /** Takes the next dirty bytes into the region; how many, 0 where none are known, or a negative errno. */
  read(region: Region | null, length: number): number;
  /** The guest stands still, and dirties nothing more. */
  stop(): void;
  /** After the last sync: what is read from now on comes to the stream's end. */
  finish(): void;
  /** The guest goes on, after a failure. */
  resume(): void;
  image(): DeviceImage | null;
  close(): void;
}

/** The destination's RAM. */
export interface GuestRamLoader {
  /** Takes bytes; how many, or a negative errno. */
  write(region: Region | null, offset: number, length: number): number;
  /** Whether all of it came. */
  isWhole(): boolean;
  image(): DeviceImage | null;
  close(): void;
}
