/**
 * The state of a decoder, and what all its steps have in common.
 *
 * A step is taken when the bytes it needs are together in `scratch`; until then they are collected
 * there, over as many chunks as it takes. The bytes of records never go through it.
 *
 * ```text
 *   chunk    ... | head | payload ............ | tail | head | ...
 *                   |          |
 *                scratch    (offset, length) of the chunk
 * ```
 *
 * @module
 */

import type { Section } from "./section_table.ts";
import { byteHex, hex } from "./hex.ts";
import { STATE } from "./state.ts";
import { WireError } from "./wire_error.ts";

/** What bounds a decoder, and what it is told beforehand. */
export interface DecoderOptions {
  /** The longest DATA or RAM record that is taken, in bytes. Default: 2^53 - 1, for nothing is buffered. */
  readonly maxRecord?: number;
  /** The longest config that is taken, in bytes. Default: 65536. QEMU's is 4116 bytes and the MSI-X table. */
  readonly maxConfig?: number;
  /** How many sections can be declared. Default: 4096. */
  readonly maxSections?: number;
  /**
   * How long the payload of FULL sections is, by `sizeKey`; `vmdescSizes` makes it. The end of a section
   * that is not in it is searched for.
   */
  readonly sizes?: ReadonlyMap<string, number>;
  /** The size of a page in QEMU's RAM section, in bytes. Default: 4096. */
  readonly pageSize?: number;
}

/** A decoder of the main channel. Which fields an event fills is said at `EVENT`; the rest is its own. */
export interface Decoder {
  /** Where in the chunk to go on: the first byte that was not consumed. */
  next: number;
  /** Where in the stream the event begins. */
  at: number;
  section: Section | null;
  /** One of `SECTION`. */
  sectionType: number;
  /** One of `COMMAND`. */
  command: number;
  value: number;
  length: number;
  name: string;
  /** One of `RAM_FLAG`. */
  ramFlag: number;
  /** The bytes of a PAYLOAD: the chunk, or for a config without a length a buffer of the decoder. */
  bytes: Uint8Array;
  offset: number;

  /** How many bytes of the stream have been consumed. */
  position: number;
  /** One of {@linkcode STATE}. */
  state: number;
  /** How many bytes the next step needs, and how many of them are in `scratch`. */
  need: number;
  have: number;
  readonly scratch: Uint8Array;
  readonly view: DataView;
  /** Where in the stream the bytes of the step begin. */
  stepAt: number;
  /** How many bytes come before the next step, and whether they are handed on. */
  left: number;
  handOn: boolean;
  /** The length of what is being skipped or searched. */
  searched: number;
  /** Whether the stream is one of ours. */
  own: boolean;
  readonly table: Map<number, Section>;
  config: Uint8Array;
  pageSize: number;
  ignoreShared: boolean;
  capabilitiesLeft: number;
  ramLeft: number;
  /** The block of the last page, or "". */
  ramName: string;
  /** Nothing more will come. */
  inputEnded: boolean;
  failure: WireError | null;
  readonly maxRecord: number;
  readonly maxConfig: number;
  readonly maxSections: number;
  readonly sizes: ReadonlyMap<string, number>;
}

// The longest head: a START with an idstr of 255.
const SCRATCH_SIZE = 512;
const MAX_CONFIG = 64 * 1024;
const MAX_SECTIONS = 4096;
const PAGE_SIZE = 4096;

/** A decoder at the beginning of a stream. */
export function createDecoder(options: DecoderOptions = {}): Decoder {
  const scratch = new Uint8Array(SCRATCH_SIZE);
  return {
    next: 0,
    at: 0,
    section: null,
    sectionType: 0,
    command: 0,
    value: 0,
    length: 0,
    name: "",
    ramFlag: 0,
    bytes: scratch,
    offset: 0,
    position: 0,
    state: STATE.FILE_HEADER,
    need: 8,
    have: 0,
    scratch,
    view: new DataView(scratch.buffer),
    stepAt: 0,
    left: 0,
    handOn: false,
    searched: 0,
    own: false,
    table: new Map(),
    config: new Uint8Array(0),
    pageSize: options.pageSize ?? PAGE_SIZE,
    ignoreShared: false,
    capabilitiesLeft: 0,
    ramLeft: 0,
    ramName: "",
    inputEnded: false,
    failure: null,
    maxRecord: options.maxRecord ?? Number.MAX_SAFE_INTEGER,
    maxConfig: options.maxConfig ?? MAX_CONFIG,
    maxSections: options.maxSections ?? MAX_SECTIONS,
    sizes: options.sizes ?? new Map(),
  };
}

/** Collects bytes of the chunk until the step has what it needs. */
export function collect(d: Decoder, bytes: Uint8Array, end: number): boolean {
  let at = d.next;
  let have = d.have;
  const { need, scratch } = d;
  while (have < need && at < end) scratch[have++] = bytes[at++] ?? 0;
  d.position += at - d.next;
  d.next = at;
  d.have = have;
  return have >= need;
}

/** The step is done with its bytes; the next one is `state` and needs `need`. */
export function expect(d: Decoder, state: number, need: number): void {
  const rest = d.have - d.need;
  // Only what a search has read ahead can be left over.
  if (rest > 0) d.scratch.copyWithin(0, d.need, d.have);
  d.have = rest;
  d.state = state;
  d.need = need;
}

/** The next step is `state` and needs the same bytes and more, `need` in all. */
export function extend(d: Decoder, state: number, need: number): void {
  d.state = state;
  d.need = need;
}

/** `length` bytes follow that are handed on before the next step. */
export function handOn(d: Decoder, length: number): void {
  d.length = length;
  d.left = length;
  d.handOn = true;
}

/** What the step met cannot be: the decoder is of no use from here on. */
export function fail(d: Decoder, expected: string, received: string, offset = d.stepAt): never {
  d.failure = new WireError(offset, expected, received);
  throw d.failure;
}

/** {@linkcode fail}, with the bytes of the step as what was received. */
export function failBytes(d: Decoder, expected: string): never {
  return fail(d, expected, hex(d.scratch, d.need));
}

/** The printable ASCII text in the scratch bytes, or a failure. */
export function readName(d: Decoder, from: number, length: number, what: string): string {
  let text = "";
  for (let i = from; i < from + length; i++) {
    const code = d.scratch[i] ?? 0;
    if (code < 0x20 || code > 0x7e) return fail(d, what, `the byte 0x${byteHex(code)} in it`);
    text += String.fromCharCode(code);
  }
  return text;
}
