const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8 with a NUL at the end; `null` when the text itself has one and C would see it cut short. */
export function toCString(text: string): Uint8Array<ArrayBuffer> | null {
  return text.includes("\0") ? null : encoder.encode(text + "\0");
}

/** The text before the first NUL, or all of it where there is none. */
export function fromCString(bytes: Uint8Array<ArrayBuffer>): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
