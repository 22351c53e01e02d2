import { ERRNO, type Region } from "../../libc/mod.ts";
import {
  CHECKSUM,
  decodeRecordHeader,
  RECORD,
  RECORD_HEADER_SIZE,
  type RecordHeader,
} from "./record.ts";
import { checksumOf } from "./state_checksum.ts";
import { type StateMemory, storeState } from "./state_memory.ts";

/** The resuming side of a simulated state: takes the stream in any segmentation and puts the bytes in place. */
export interface StateLoader {
  readonly memory: StateMemory | null;
  readonly size: number;
  /** Where no bytes move, the source's record headers in order; null where they are in the bytes. */
  readonly headerFeed: RecordHeader[] | null;
  readonly header: DataView;
  headerHave: number;
  /** How many bytes of stream came before the present record. */
  recordStart: number;
  bodyLeft: number;
  bodyOffset: number;
  bodyIsNew: boolean;
  loaded: number;
  /** State bytes so far that the device had not been prepared for. */
  newBytes: number;
  /** What the stream's end says of the whole state, or 0. */
  checksum: number;
  ended: boolean;
  /** It was no stream of such a device: nothing after that makes it whole. */
  refused: boolean;
}

export function createStateLoader(
  memory: StateMemory | null,
  size: number,
  headerFeed: RecordHeader[] | null = null,
): StateLoader {
  return {
    memory,
    size,
    headerFeed,
    header: new DataView(new ArrayBuffer(RECORD_HEADER_SIZE)),
    headerHave: 0,
    recordStart: 0,
    bodyLeft: 0,
    bodyOffset: 0,
    bodyIsNew: false,
    loaded: 0,
    newBytes: 0,
    checksum: 0,
    ended: false,
    refused: false,
  };
}

export function beginLoading(loader: StateLoader): void {
  loader.headerHave = 0;
  loader.recordStart = 0;
  loader.bodyLeft = 0;
  loader.loaded = 0;
  loader.newBytes = 0;
  loader.checksum = 0;
  loader.ended = false;
  loader.refused = false;
}

/**
 * Takes `length` bytes from the region at `at`. Returns how many were taken. Where none can be: -ENOMEM
 * as the stream goes on after its end, -EINVAL as it is (and stays) no stream of such a device, or what
 * the memory failed with.
 */
export function loadStream(
  loader: StateLoader,
  region: Region | null,
  at: number,
  length: number,
): number {
  let done = 0;
  while (done < length) {
    const n = loadPart(loader, region, at + done, length - done);
    // As write(2): what was taken before it failed counts, the next call says what is wrong.
    if (n < 0) return done > 0 ? done : n;
    done += n;
  }
  return done;
}

/** Whether the stream came to its end and nothing of it is missing. */
export function loadedWhole(loader: StateLoader): boolean {
  return loader.ended && !loader.refused;
}

/**
 * What RESUMING -> STOP makes of what was loaded: 0; -EINVAL where the stream did not come to its end or was
 * none; -EBADMSG where it has a checksum, and the state another.
 */
export function checkLoaded(loader: StateLoader): number {
  const { checksum, memory } = loader;
  if (!loadedWhole(loader)) return -ERRNO.EINVAL;
  if (checksum === 0 || memory === null) return 0;
  const sum = checksumOf(memory);
  if (sum < 0) return sum;
  return checksum === CHECKSUM + sum ? 0 : -ERRNO.EBADMSG;
}

function loadPart(loader: StateLoader, region: Region | null, at: number, length: number): number {
  if (loader.refused) return -ERRNO.EINVAL;
  if (loader.ended) return -ERRNO.ENOMEM;
  if (loader.bodyLeft > 0) return loadBody(loader, region, at, Math.min(loader.bodyLeft, length));
  const n = loadHeader(loader, region, at, length);
  if (n > 0) loader.loaded += n;
  return n;
}

/** Whether the next bytes, so many of them, are all of the body of the record that is under way. */
export function belongsToBody({ bodyLeft }: StateLoader, length: number): boolean {
  return length > 0 && bodyLeft >= length;
}

/** Takes up to `length` of the body that is under way from the region at `at`. Returns how many, or a negative errno. */
export function loadBody(
  loader: StateLoader,
  region: Region | null,
  at: number,
  length: number,
): number {
  const n = storeState(loader.memory, region, at, loader.bodyOffset, length);
  if (n <= 0) return n < 0 ? n : -ERRNO.EIO;
  loader.loaded += n;
  loader.bodyLeft -= n;
  loader.bodyOffset += n;
  if (loader.bodyIsNew) loader.newBytes += n;
  return n;
}

function loadHeader(
  loader: StateLoader,
  region: Region | null,
  at: number,
  length: number,
): number {
  if (loader.headerHave === 0) loader.recordStart = loader.loaded;
  const n = Math.min(RECORD_HEADER_SIZE - loader.headerHave, length);
  if (region !== null) {
    for (let i = 0; i < n; i++) {
      loader.header.setUint8(loader.headerHave + i, region.bytes[at + i] ?? 0);
    }
  }
  loader.headerHave += n;
  if (loader.headerHave < RECORD_HEADER_SIZE) return n;
  loader.headerHave = 0;
  const record = loader.headerFeed === null
    ? decodeRecordHeader(loader.header)
    : loader.headerFeed.shift();
  loader.refused = record === undefined || !startBody(loader, record);
  return loader.refused ? -ERRNO.EINVAL : n;
}

function startBody(loader: StateLoader, record: RecordHeader): boolean {
  if (record.kind === RECORD.END) {
    loader.ended = true;
    loader.checksum = record.length;
    return isChecksum(record.length) && record.offset === loader.recordStart;
  }
  if (record.offset + record.length > loader.size) return false;
  loader.bodyOffset = record.offset;
  loader.bodyLeft = record.length;
  loader.bodyIsNew = record.kind === RECORD.NEW;
  return true;
}

/** Whether an END may have such a length: none, or a checksum. */
function isChecksum(length: number): boolean {
  return length === 0 || (length >= CHECKSUM && length < 2 * CHECKSUM);
}
