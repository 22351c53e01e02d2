import {
  createDecoder,
  decode,
  type Decoder,
  type DecoderOptions,
  endOfInput,
  EVENT,
  payloadLeft,
  takePayload,
} from "../../core/wire/mod.ts";
import type { DeviceTotal, Entry, Totals } from "./entry.ts";
import { findVmdesc } from "./find_vmdesc.ts";
import { createFold, finishFold, foldEntry } from "./fold.ts";
import { createSummary, summarize, type Summary, takeConfiguration } from "./summarize.ts";

/** What is left to say when all entries have been given. */
export interface Inspected {
  readonly devices: readonly DeviceTotal[];
  readonly totals: Totals;
  /** What is wrong with the stream behind the last entry, in one line; `undefined` if it is complete. */
  readonly error: Error | undefined;
}

const CHUNK_SIZE = 256 * 1024;

/**
 * Lists a migration stream. Memory does not grow with the file: entries are given as they come, and bytes
 * of records are seeked over.
 *
 * @param path The file; one that cannot be seeked is read without its vmdesc
 * @param take Takes each entry, in order
 * @returns The totals. A stream that is damaged has those of what could be read, and the error
 * @throws {Error} If the file cannot be opened or read
 */
export async function inspectFile(path: string, take: (entry: Entry) => void): Promise<Inspected> {
  using file = await Deno.open(path);
  const { isFile, size } = await file.stat();
  const options = isFile ? await optionsFor(file, size) : {};
  if (isFile) await file.seek(0, Deno.SeekMode.Start);
  const decoder = createDecoder(options);
  const summary = createSummary();
  const fold = createFold();
  const give = (entries: readonly Entry[]) => entries.forEach(take);
  let error: Error | undefined;
  try {
    const chunk = new Uint8Array(CHUNK_SIZE);
    for (let n = await file.read(chunk); n !== null; n = await file.read(chunk)) {
      drain(decoder, summary, chunk, n, (entry) => give(foldEntry(fold, entry)));
      if (isFile) await seekPayload(decoder, file, size);
    }
    while (!endOfInput(decoder)) {
      drain(decoder, summary, chunk, 0, (entry) => give(foldEntry(fold, entry)));
    }
  } catch (caught) {
    if (!(caught instanceof Error) || caught.name !== "WireError") throw caught;
    error = caught;
  }
  if (summary.open !== null) {
    const { open } = summary;
    const length_bytes = decoder.position - open.offset_bytes;
    give([...finishFold(fold), { ...open, length_bytes, broken: true }]);
  }
  give(finishFold(fold));
  const { totals } = summary;
  totals.stream_bytes = decoder.position;
  const payload = totals.vfio_bytes + totals.ram_bytes + totals.other_bytes;
  // Of a record that breaks off, what is missing is not framing.
  totals.framing_bytes = Math.max(0, totals.stream_bytes - payload);
  return { devices: [...summary.devices.values()], totals, error };
}

async function optionsFor(file: Deno.FsFile, size: number): Promise<DecoderOptions> {
  const found = await findVmdesc(file, size);
  if (found === undefined) return {};
  const { sizes, pageSize } = found;
  return pageSize === undefined ? { sizes } : { sizes, pageSize };
}

/** Takes everything that is in a chunk. */
function drain(
  decoder: Decoder,
  summary: Summary,
  chunk: Uint8Array,
  end: number,
  take: (entry: Entry) => void,
): void {
  let event = decode(decoder, chunk, 0, end);
  while (event !== EVENT.NEED_INPUT) {
    if (event !== EVENT.PAYLOAD) {
      if (event !== EVENT.CONFIGURATION_SUBSECTION) {
        const configuration = takeConfiguration(summary, decoder);
        if (configuration !== null) take(configuration);
      }
      const entry = summarize(summary, event, decoder);
      if (entry !== null) take(entry);
    }
    event = decode(decoder, chunk, decoder.next, end);
  }
}

/** Seeks over what is left of a long record. */
async function seekPayload(decoder: Decoder, file: Deno.FsFile, size: number): Promise<void> {
  const length = Math.min(payloadLeft(decoder), size - decoder.position);
  if (length < CHUNK_SIZE) return;
  await file.seek(length, Deno.SeekMode.Current);
  takePayload(decoder, length);
}
