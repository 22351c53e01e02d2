import {
  COMMAND,
  type Decoder,
  EVENT,
  PAYLOAD_KIND,
  RAM_FLAG,
  SECTION,
} from "../../core/wire/mod.ts";
import type { DeviceTotal, Entry, RamSummary, RecordRun, Totals } from "./entry.ts";

/** Makes entries and totals of what a decoder meets. */
export interface Summary {
  readonly devices: Map<number, DeviceTotal>;
  readonly totals: Totals;
  /** The entry that is being read, or null between two. */
  open: Entry | null;
}

// In QEMU's streams a section holds five runs at most. A hostile one could alternate: what is above is
// taken together.
const MAX_RUNS = 64;
const REST = "OTHER";

/** An empty summary. */
export function createSummary(): Summary {
  return {
    devices: new Map(),
    totals: {
      sections: 0,
      vfio_bytes: 0,
      ram_bytes: 0,
      other_bytes: 0,
      framing_bytes: 0,
      stream_bytes: 0,
    },
    open: null,
  };
}

/**
 * Takes an event of the decoder.
 *
 * @param summary What it is added to
 * @param event One of `EVENT`
 * @param d The decoder, whose fields say what it is about
 * @returns An entry that is complete, or null
 */
export function summarize(summary: Summary, event: number, d: Decoder): Entry | null {
  const { totals } = summary;
  switch (event) {
    case EVENT.HEADER:
      return entry("HEADER", d);
    case EVENT.CONFIGURATION:
      summary.open = { ...entry("CONFIGURATION", d), machine: d.name };
      // Its subsections have no end: it is complete when the next thing begins.
      return null;
    case EVENT.CONFIGURATION_SUBSECTION:
      return null;
    case EVENT.COMMAND:
      return commandEntry(d);
    case EVENT.SECTION:
      summary.open = sectionEntry(summary, d);
      return null;
    case EVENT.SECTION_END:
      return close(summary, d);
    case EVENT.EOF:
      return entry("EOF", d);
    case EVENT.VMDESC:
      totals.other_bytes += d.length;
      return { ...entry("VMDESC", d), length_bytes: 5 + d.length, skipped_bytes: d.length };
    case EVENT.SETUP:
      addRecord(summary, "SETUP");
      return null;
    case EVENT.END_OF_STATE:
      addRecord(summary, "END_OF_STATE");
      return null;
    case EVENT.CONFIG_LOAD_READY:
      addRecord(summary, "CONFIG_LOAD_READY");
      return null;
    case EVENT.INIT_DATA_SENT:
      addRecord(summary, "INIT_DATA_SENT");
      addToDevice(summary, d, (device) => device.init_data_sent++);
      return null;
    case EVENT.DATA:
      addRecord(summary, "DATA", d.length);
      totals.vfio_bytes += d.length;
      addData(summary, d);
      return null;
    case EVENT.CONFIG:
      addRecord(summary, "CONFIG", d.length);
      totals.vfio_bytes += d.length;
      addToDevice(summary, d, (device) => device.config_bytes += d.length);
      return null;
    case EVENT.SKIPPED:
      if (summary.open !== null) summary.open.skipped_bytes = d.length;
      totals.other_bytes += d.length;
      return null;
  }
  addRam(summary, event, d);
  return null;
}

/** The configuration, once something else begins; it is the only entry without an end of its own. */
export function takeConfiguration(summary: Summary, d: Decoder): Entry | null {
  const { open } = summary;
  if (open === null || open.machine === undefined) return null;
  summary.open = null;
  open.length_bytes = d.at - open.offset_bytes;
  return open;
}

function entry(kind: string, d: Decoder): Entry {
  return { kind, offset_bytes: d.at, count: 1, length_bytes: d.position - d.have - d.at };
}

function commandEntry(d: Decoder): Entry {
  const name = Object.entries(COMMAND).find(([, number]) => number === d.command)?.[0];
  const made: Entry = { ...entry("COMMAND", d), command: name ?? `${d.command}` };
  made.length_bytes += d.length;
  if (d.command === COMMAND.PING || d.command === COMMAND.PACKAGED) made.argument = d.value;
  return made;
}

const SECTION_NAMES = new Map<number, string>(
  Object.entries(SECTION).map(([name, number]) => [number, name]),
);

function sectionEntry(summary: Summary, d: Decoder): Entry | null {
  const { section } = d;
  if (section === null) return null;
  const made: Entry = {
    ...entry(SECTION_NAMES.get(d.sectionType) ?? "", d),
    id: section.id,
    idstr: section.idstr,
    instance: section.instance,
    version: section.version,
  };
  if (section.kind === PAYLOAD_KIND.VFIO) {
    made.records = [];
    const device = summary.devices.get(section.id);
    if (device !== undefined) {
      device.sections++;
    } else {
      summary.devices.set(section.id, {
        idstr: section.idstr,
        instance: section.instance,
        id: section.id,
        sections: 1,
        precopy: { records: 0, data_bytes: 0 },
        stop_copy: { records: 0, data_bytes: 0 },
        config_bytes: 0,
        init_data_sent: 0,
      });
    }
  } else if (section.kind !== PAYLOAD_KIND.OTHER) {
    made.ram = emptyRam();
  }
  summary.totals.sections++;
  return made;
}

function close(summary: Summary, d: Decoder): Entry | null {
  const { open } = summary;
  summary.open = null;
  if (open !== null) open.length_bytes = d.position - d.have - open.offset_bytes;
  return open;
}

function addRecord(summary: Summary, kind: string, length?: number): void {
  const runs = summary.open?.records;
  if (runs === undefined) return;
  const last = runs.at(-1);
  if (last !== undefined && (last.kind === kind || last.kind === REST)) {
    last.count++;
    if (length !== undefined) addLength(last, length, length, length);
    return;
  }
  const run: RecordRun = { kind: runs.length < MAX_RUNS - 1 ? kind : REST, count: 1 };
  if (length !== undefined) addLength(run, length, length, length);
  runs.push(run);
}

/** Adds lengths to what a run carries. */
export function addLength(run: RecordRun, sum: number, min: number, max: number): void {
  run.data_bytes = (run.data_bytes ?? 0) + sum;
  run.min_bytes = Math.min(run.min_bytes ?? min, min);
  run.max_bytes = Math.max(run.max_bytes ?? max, max);
}

function addToDevice(summary: Summary, d: Decoder, add: (device: DeviceTotal) => void): void {
  const device = summary.devices.get(d.section?.id ?? -1);
  if (device !== undefined) add(device);
}

function addData(summary: Summary, d: Decoder): void {
  const device = summary.devices.get(d.section?.id ?? -1);
  if (device === undefined) return;
  const phase = d.sectionType === SECTION.PART ? device.precopy : device.stop_copy;
  phase.records++;
  phase.data_bytes += d.length;
}

function emptyRam(): RamSummary {
  return { pages: 0, zero_pages: 0, encoded_pages: 0, flushes: 0, records: 0, data_bytes: 0 };
}

function addRam(summary: Summary, event: number, d: Decoder): void {
  const ram = summary.open?.ram;
  if (ram === undefined) return;
  switch (event) {
    case EVENT.RAM_SETUP:
      ram.size_bytes = d.value;
      break;
    case EVENT.RAM_BLOCK:
      ram.blocks = (ram.blocks ?? 0) + 1;
      break;
    case EVENT.RAM_FLUSH:
      ram.flushes++;
      break;
    case EVENT.RAM:
      ram.records++;
      ram.data_bytes += d.length;
      summary.totals.ram_bytes += d.length;
      break;
    case EVENT.RAM_PAGE:
      if (d.ramFlag === RAM_FLAG.PAGE) ram.pages++;
      else if (d.ramFlag === RAM_FLAG.ZERO) ram.zero_pages++;
      else ram.encoded_pages++;
      ram.data_bytes += d.length;
      summary.totals.ram_bytes += d.length;
      break;
  }
}
