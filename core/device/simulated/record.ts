/**
 * The simulated device's stream: records, little-endian, opaque to everything but the device itself.
 *
 *      0      4      8               16              24
 *     +------+------+---------------+---------------+-----------------+
 *     | magic| kind | offset        | length        | length bytes ...|
 *     +------+------+---------------+---------------+-----------------+
 *
 * STATE carries `length` bytes of device state from `offset`. NEW marks state that the destination has
 * had no chance to prepare for (its first appearance, or new initial data after a REINIT). END closes the
 * stream: `offset` is how many bytes came before it and no bytes follow; a stream without it is incomplete.
 * Its `length` is 0, or {@linkcode CHECKSUM} plus the CRC-32 of the whole state. The simulated device gives
 * none, as summing up would be part of its downtime; the synthetic kernel device (`bench/vm/module`) does, and both check it.
 */
export const RECORD_HEADER_SIZE = 24;
export const RECORD_MAGIC = 0x4d474956; // "VIGM"

/** Tells a checksum of 0 from none. */
export const CHECKSUM = 2 ** 32;

export const RECORD = { STATE: 1, NEW: 2, END: 3 } as const;

export interface RecordHeader {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
}

/** Writes a header; offset and length up to 2^53. */
export function encodeRecordHeader(
  view: DataView,
  kind: number,
  offset: number,
  length: number,
): void {
  view.setUint32(0, RECORD_MAGIC, true);
  view.setUint32(4, kind, true);
  setSize(view, 8, offset);
  setSize(view, 16, length);
}

/** Reads a header; undefined where it is none. */
export function decodeRecordHeader(view: DataView): RecordHeader | undefined {
  if (view.getUint32(0, true) !== RECORD_MAGIC) return undefined;
  const kind = view.getUint32(4, true);
  if (kind < RECORD.STATE || kind > RECORD.END) return undefined;
  return { kind, offset: getSize(view, 8), length: getSize(view, 16) };
}

const TWO_32 = 2 ** 32;

function setSize(view: DataView, at: number, size: number): void {
  view.setUint32(at, size % TWO_32, true);
  view.setUint32(at + 4, Math.floor(size / TWO_32), true);
}

function getSize(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * TWO_32;
}
