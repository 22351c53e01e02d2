import { ERRNO, type Region } from "../../libc/mod.ts";
import { u64Less } from "../../vfio/mod.ts";
import {
  closeStateMemory,
  createStateMemory,
  type StateMemory,
  storeState,
} from "../simulated/state_memory.ts";
import { copyBlock, copyState } from "./copy_state.ts";
import {
  HEADER_FLAGS,
  HEADER_TAG,
  MIGRATION_HEADER_SIZE,
  type MigrationHeader,
  readMigrationHeader,
} from "./migration_header.ts";

/** The buffer that a session begins with. */
export const INITIAL_BUFFER_SIZE = 1024 * 1024;

/**
 * The resuming side: takes the stream in any segmentation and gathers a record whole, as the device can be
 * given nothing less than all of its parts.
 *
 *     write(2) --> header --> DEVICE_DATA ----> gathered, `ready` ----> the device
 *                        +--> unknown, optional -> passed over
 *                        +--> unknown, mandatory, or too large -> refused
 */
export interface PartsLoader {
  readonly memory: StateMemory | null;
  readonly size: number;
  /** The largest record that is taken, in bytes. */
  readonly recordLimit: number;
  /** Where no bytes move, the source's record headers in order; null where they are in the bytes. */
  readonly headerFeed: MigrationHeader[] | null;
  readonly header: DataView;
  readonly block: Region | null;
  /** Where a record is gathered; grows where one does not fit, and goes with the session. */
  gather: StateMemory | null;
  headerHave: number;
  recordSize: number;
  bodyLeft: number;
  /** The record is of no use to this device. */
  skipping: boolean;
  /** A record is gathered, and the device has not been given it. */
  ready: boolean;
  /** Records that the device took since the session began. */
  records: number;
  /** It was no stream for this device: nothing after that makes its state whole. */
  refused: boolean;
}

export function createPartsLoader(
  memory: StateMemory | null,
  size: number,
  recordLimit: number,
  headerFeed: MigrationHeader[] | null = null,
): PartsLoader {
  return {
    memory,
    size,
    recordLimit,
    headerFeed,
    header: new DataView(new ArrayBuffer(MIGRATION_HEADER_SIZE)),
    block: copyBlock(memory),
    gather: null,
    headerHave: 0,
    recordSize: 0,
    bodyLeft: 0,
    skipping: false,
    ready: false,
    records: 0,
    refused: false,
  };
}

/** Begins a session with its first buffer. Returns 0 or a negative errno. */
export function beginGathering(loader: PartsLoader): number {
  loader.headerHave = 0;
  loader.bodyLeft = 0;
  loader.skipping = false;
  loader.ready = false;
  loader.records = 0;
  loader.refused = false;
  return loader.memory === null ? 0 : setBuffer(loader, INITIAL_BUFFER_SIZE);
}

/** Frees the session's buffer; a record that is not whole goes with it. */
export function endGathering(loader: PartsLoader): void {
  if (loader.gather !== null) closeStateMemory(loader.gather);
  loader.gather = null;
}

/**
 * Takes bytes from the region at `at`, up to the end of a header or a record. Returns how many were taken,
 * or what is wrong with the stream: -ENOMEM a record over the limit, -EOPNOTSUPP a mandatory record of an
 * unknown tag, -EINVAL a header that the source did not log.
 */
export function gatherParts(
  loader: PartsLoader,
  region: Region | null,
  at: number,
  length: number,
): number {
  if (loader.bodyLeft === 0) return gatherHeader(loader, region, at, length);
  const wanted = Math.min(loader.bodyLeft, length);
  const offset = loader.recordSize - loader.bodyLeft;
  const n = loader.skipping ? wanted : storeState(loader.gather, region, at, offset, wanted);
  if (n <= 0) return refuse(loader, n < 0 ? n : -ERRNO.EIO);
  loader.bodyLeft -= n;
  loader.ready = loader.bodyLeft === 0 && !loader.skipping;
  return n;
}

/** Gives the device the record that is ready; -EINVAL where those are not all of its parts. */
export function setParts(loader: PartsLoader): number {
  loader.ready = false;
  if (loader.recordSize !== loader.size) return refuse(loader, -ERRNO.EINVAL);
  const result = copyState(loader.gather, loader.memory, loader.size, loader.block);
  if (result < 0) return refuse(loader, result);
  loader.records++;
  return 0;
}

/** Whether the device has its state, and the stream ended with a record: to be asked after the session, too. */
export function gatheredWhole(loader: PartsLoader): boolean {
  return loader.records > 0 && loader.headerHave === 0 && loader.bodyLeft === 0 &&
    !loader.ready && !loader.refused;
}

function refuse(loader: PartsLoader, errno: number): number {
  loader.refused = true;
  return errno;
}

function gatherHeader(
  loader: PartsLoader,
  region: Region | null,
  at: number,
  length: number,
): number {
  const n = Math.min(MIGRATION_HEADER_SIZE - loader.headerHave, length);
  if (region !== null) {
    for (let i = 0; i < n; i++) {
      loader.header.setUint8(loader.headerHave + i, region.bytes[at + i] ?? 0);
    }
  }
  loader.headerHave += n;
  if (loader.headerHave < MIGRATION_HEADER_SIZE) return n;
  loader.headerHave = 0;
  const header = loader.headerFeed === null
    ? readMigrationHeader(loader.header, 0)
    : loader.headerFeed.shift();
  const result = header === undefined ? -ERRNO.EINVAL : beginRecord(loader, header);
  return result < 0 ? refuse(loader, result) : n;
}

function beginRecord(loader: PartsLoader, header: MigrationHeader): number {
  const { recordSize, flags, tag } = header;
  if (u64Less(loader.recordLimit, recordSize)) return -ERRNO.ENOMEM;
  loader.skipping = tag !== HEADER_TAG.DEVICE_DATA;
  if (loader.skipping && (flags & HEADER_FLAGS.TAG_OPTIONAL) === 0) return -ERRNO.EOPNOTSUPP;
  loader.recordSize = recordSize;
  loader.bodyLeft = recordSize;
  loader.ready = recordSize === 0 && !loader.skipping;
  const { gather } = loader;
  if (loader.skipping || gather === null || gather.size >= recordSize) return 0;
  return setBuffer(loader, recordSize);
}

function setBuffer(loader: PartsLoader, size: number): number {
  endGathering(loader);
  const buffer = createStateMemory("device parts", size);
  if (typeof buffer === "number") return buffer;
  loader.gather = buffer;
  return 0;
}
