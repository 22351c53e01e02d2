/** A call of an encoder, or bytes as they are (hex, or an array). */
export type Part = ((view: DataView, at: number) => number) | string | Uint8Array;

/** What the parts make, one after the other. */
export function write(...parts: readonly Part[]): Uint8Array {
  const bytes = new Uint8Array(1 << 16);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    if (typeof part === "function") {
      const n = part(view, at);
      // An encoder that writes more or less than it says would be noticed by what stands around.
      at += n;
    } else {
      const raw = typeof part === "string" ? Uint8Array.fromHex(part) : part;
      bytes.set(raw, at);
      at += raw.length;
    }
  }
  return bytes.slice(0, at);
}
