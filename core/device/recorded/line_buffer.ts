/**
 * Lines of ASCII put together in memory, without a string of them: a recording has one for each call.
 */
export interface LineBuffer {
  readonly bytes: Uint8Array;
  /** How many bytes are used. */
  used: number;
}

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const NEWLINE = 10;
const DIGITS = new Uint8Array(24);

/** Adds text: ASCII, and nothing that JSON would escape. */
export function putText(line: LineBuffer, text: string): void {
  const { bytes } = line;
  for (let i = 0; i < text.length; i++) bytes[line.used + i] = text.charCodeAt(i);
  line.used += text.length;
}

/** Adds a whole number, as JSON has it. */
export function putInteger(line: LineBuffer, value: number): void {
  if (!Number.isSafeInteger(value)) return putText(line, String(value));
  const { bytes } = line;
  let left = Math.abs(value);
  if (value < 0) bytes[line.used++] = MINUS;
  let count = 0;
  do {
    const rest = Math.floor(left / 10);
    DIGITS[count++] = ZERO + (left - rest * 10);
    left = rest;
  } while (left > 0);
  while (count > 0) bytes[line.used++] = DIGITS[--count] ?? ZERO;
}

/** Adds nanoseconds as microseconds with one digit after the point. */
export function putMicroseconds(line: LineBuffer, ns: number): void {
  const tenths = Math.round(Math.max(0, ns) / 100);
  const whole = Math.floor(tenths / 10);
  putInteger(line, whole);
  line.bytes[line.used++] = POINT;
  line.bytes[line.used++] = ZERO + (tenths - whole * 10);
}

export function putNewline(line: LineBuffer): void {
  line.bytes[line.used++] = NEWLINE;
}
