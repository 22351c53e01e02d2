/**
 * The frame before each message on a byte stream, little-endian.
 *
 *      0       4        8         12       16
 *     +-------+--------+---------+--------+----------------+
 *     | magic | kind   | device  | length | length bytes...|
 *     +-------+--------+---------+--------+----------------+
 *
 * A reply is the same without bytes, its value in place of the length. A frame of kind END_OF_STREAM is
 * the last one: a stream that ends without it was cut off, even where it ends between two messages.
 */
export const FRAME_SIZE = 16;
export const FRAME_MAGIC = 0x464d4756; // "VGMF"
export const END_OF_STREAM = 0;

export function encodeFrame(view: DataView, kind: number, device: number, length: number): void {
  view.setUint32(0, FRAME_MAGIC, true);
  view.setUint32(4, kind, true);
  view.setUint32(8, device, true);
  view.setUint32(12, length, true);
}

export function isFrame(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === FRAME_MAGIC;
}

export function frameKind(view: DataView, at: number): number {
  return view.getUint32(at + 4, true);
}

export function frameDevice(view: DataView, at: number): number {
  return view.getUint32(at + 8, true);
}

export function frameLength(view: DataView, at: number): number {
  return view.getUint32(at + 12, true);
}
