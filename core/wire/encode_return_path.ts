import { RETURN_PATH, RETURN_PATH_HEAD_SIZE } from "./return_path.ts";

/** Writes a SHUT: 8 bytes. QEMU sends 0 or 1; any other value than 0 is a failure too. */
export function encodeShut(view: DataView, at: number, value: number): number {
  return encodeMessage(view, at, RETURN_PATH.SHUT, value);
}

/** Writes a PONG with the value of the PING: 8 bytes. */
export function encodePong(view: DataView, at: number, value: number): number {
  return encodeMessage(view, at, RETURN_PATH.PONG, value);
}

/** Writes a SWITCHOVER_ACK: 4 bytes. */
export function encodeSwitchoverAck(view: DataView, at: number): number {
  view.setUint16(at, RETURN_PATH.SWITCHOVER_ACK);
  view.setUint16(at + 2, 0);
  return RETURN_PATH_HEAD_SIZE;
}

function encodeMessage(view: DataView, at: number, type: number, value: number): number {
  view.setUint16(at, type);
  view.setUint16(at + 2, 4);
  view.setUint32(at + 4, value);
  return RETURN_PATH_HEAD_SIZE + 4;
}
