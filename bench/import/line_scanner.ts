import { parseTraceLine, splitRunTogether, type TraceEvent } from "./trace_event.ts";
import { EVENT_NAMES, TRANSFERRED_EVENT } from "./event_names.ts";

const NEWLINE = 10,
  SPACE = 32,
  DASH = 45,
  ZERO = 48,
  NINE = 57,
  COLON = 58,
  AT = 64,
  A = 97,
  Z = 122;
const UPPER_Z = 90, UNDERSCORE = 95;

/** No event of QEMU's is as long; what is, is no line of a log. */
const LONGEST_LINE = 65_536;
const BUFFER_BYTES = 4 * LONGEST_LINE;
/** `PID@`: thread ids have at most so many digits. */
const LONGEST_THREAD = 12;

/** Takes an event of those that are read. */
export type TakeEvent = (event: TraceEvent) => void;

/**
 * Finds the events of interest in a log that comes in pieces, in constant memory. Of most lines it looks at
 * the name alone: a long migration's log is nearly all `migration_transferred_bytes` (95 % of the lines in
 * real ones), and decoding each to a string would take longer than everything else.
 *
 *     piece  |...line\nline\nlin|   |e\nline\nli|
 *                            \______/ moved to the front, where its end joins it
 */
export class LineScanner {
  lines = 0;
  /** Lines that look like an event, of interest or not. */
  events = 0;
  used = 0;
  /** Lines that name an event of interest, but could not be read. */
  unreadable = 0;
  /** Whether the last line had its end. */
  isWhole = true;
  readonly #names = namesByHash();
  readonly #decoder = new TextDecoder();
  /** The only buffer: the beginning of a line that has no end yet, and the next piece behind it. */
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  /** The latest TRANSFERRED_EVENT, which nobody has read yet: in this piece, or as text of an earlier one. */
  #transferredFrom = -1;
  #transferredTo = -1;
  #transferred: string | undefined = undefined;

  constructor(readonly take: TakeEvent) {}

  /** Takes in the next piece; it is not kept. */
  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const n = Math.min(piece.length - at, this.#bytes.length - this.#length);
      this.#bytes.set(piece.subarray(at, at + n), this.#length);
      this.#length += n;
      at += n;
      this.#scan();
    }
  }

  /** Reads the whole lines that there are, and moves the beginning of the next to the front. */
  #scan(): void {
    const bytes = this.#bytes;
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(NEWLINE, from);
      // Behind what was read lies what is left of earlier pieces.
      if (to < 0 || to >= this.#length) break;
      this.#line(bytes, from, to);
      from = to + 1;
    }
    this.#keepTransferred(bytes);
    const rest = this.#length - from;
    if (rest > LONGEST_LINE) {
      // What has no end cannot be an event; without its beginning the rest of it is none either.
      this.unreadable++;
      bytes[0] = NEWLINE;
      this.#length = 1;
      return;
    }
    bytes.copyWithin(0, from, this.#length);
    this.#length = rest;
  }

  /** The log is over: its last line counts, though it may be cut off. */
  end(): void {
    const bytes = this.#bytes;
    this.isWhole = this.#length === 0;
    if (this.#length > 0) this.#line(bytes, 0, this.#length);
    this.#length = 0;
    this.#giveTransferred(bytes);
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    this.lines++;
    const name = nameStart(bytes, from, to);
    if (name < 0) return;
    this.events++;
    if (isTransferred(bytes, name, to)) {
      this.#transferredFrom = from;
      this.#transferredTo = to;
      return;
    }
    if (!this.#isOfInterest(bytes, name, to)) return;
    this.#giveTransferred(bytes);
    for (const part of splitRunTogether(this.#decoder.decode(bytes.subarray(from, to)))) {
      this.#give(part);
    }
  }

  #give(line: string): void {
    const event = parseTraceLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (event === undefined) this.unreadable++;
    else {
      this.used++;
      this.take(event);
    }
  }

  #giveTransferred(bytes: Uint8Array): void {
    this.#keepTransferred(bytes);
    if (this.#transferred === undefined) return;
    const line = this.#transferred;
    this.#transferred = undefined;
    for (const part of splitRunTogether(line)) this.#give(part);
  }

  #keepTransferred(bytes: Uint8Array): void {
    if (this.#transferredFrom < 0) return;
    this.#transferred = this.#decoder.decode(
      bytes.subarray(this.#transferredFrom, this.#transferredTo),
    );
    this.#transferredFrom = -1;
  }

  #isOfInterest(bytes: Uint8Array, from: number, to: number): boolean {
    let hash = 0;
    let end = from;
    for (; end < to; end++) {
      const byte = bytes[end] ?? SPACE;
      if (byte === SPACE || byte === 13) break;
      hash = (hash * 31 + byte) | 0;
    }
    const name = this.#names.get(hash);
    // Another name with the same hash is read for nothing: the collectors do not know it.
    return name !== undefined && name.length === end - from;
  }
}

function namesByHash(): Map<number, string> {
  const names = new Map<number, string>();
  for (const name of EVENT_NAMES) {
    let hash = 0;
    for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) | 0;
    names.set(hash, name);
  }
  return names;
}

/** Where the event's name begins behind the prefix; -1 where the line is no event. */
function nameStart(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0;
  if (first >= A && first <= Z) return isName(bytes, from, to) ? from : -1;
  if (first < ZERO || first > NINE) return -1;
  let at: number;
  // 2026-11-20T21:22:52.051127Z NAME
  if (bytes[from + 4] === DASH) at = bytes[from + 26] === UPPER_Z ? from + 28 : -1;
  else at = behindThread(bytes, from, to);
  if (at < 0 || at >= to) return -1;
  const byte = bytes[at] ?? 0;
  return byte >= A && byte <= Z ? at : -1;
}

/** Without a prefix only the form of the name tells an event from prose: small letters, digits, and underscores. */
function isName(bytes: Uint8Array, from: number, to: number): boolean {
  let underscores = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === SPACE || byte === 13) return underscores > 0;
    if (byte === UNDERSCORE) underscores++;
    else if ((byte < A || byte > Z) && (byte < ZERO || byte > NINE)) return false;
  }
  return underscores > 0;
}

/** 99@1795209450.961641:NAME */
function behindThread(bytes: Uint8Array, from: number, to: number): number {
  let at = from + 1;
  const last = Math.min(to, from + LONGEST_THREAD);
  while (at < last && bytes[at] !== AT) at++;
  if (bytes[at] !== AT) return -1;
  // Ten digits of seconds, a point, six of microseconds; before 2001 and in tests there are fewer.
  let colon = at + 18;
  if (bytes[colon] !== COLON) {
    colon = at + 1;
    while (colon < to && bytes[colon] !== COLON) colon++;
  }
  return colon < to ? colon + 1 : -1;
}

/** A few of its letters tell `migration_transferred_bytes` from every other event that QEMU has. */
function isTransferred(bytes: Uint8Array, from: number, to: number): boolean {
  return from + 27 < to && bytes[from + 27] === SPACE && bytes[from] === 109 &&
    bytes[from + 10] === 116 && bytes[from + 22] === 98 && bytes[from + 26] === 115;
}

// What isTransferred looks for is in the name itself.
if (!isTransferred(new TextEncoder().encode(`${TRANSFERRED_EVENT} x`), 0, 29)) {
  throw new Error(`Cannot tell ${TRANSFERRED_EVENT} by its letters`);
}
