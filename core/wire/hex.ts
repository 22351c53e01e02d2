/** The first `length` bytes, for a message. */
export function hex(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += (i > 0 ? " " : "") + byteHex(bytes[i] ?? 0);
  return text;
}

/** One byte, for a message. */
export function byteHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
