import { formatSize } from "../scenario/mod.ts";
import type { DeviceTotal, Entry, RamSummary, RecordRun, Totals } from "./entry.ts";

/** The heading of the listing. */
export const HEADING = row("offset", "kind", "id", "count", "section", "content");

/** One entry as a line. */
export function entryLine(entry: Entry): string {
  return row(
    `${entry.offset_bytes}`,
    entry.kind,
    entry.id === undefined ? "" : `${entry.id}`,
    entry.count === 1 ? "" : `x${entry.count}`,
    sectionName(entry),
    entry.broken === true ? `${content(entry)} (broken off)`.trimStart() : content(entry),
  );
}

/** The totals as lines. */
export function totalLines(devices: readonly DeviceTotal[], totals: Totals): string[] {
  const lines = devices.map((device) => {
    const { precopy, stop_copy } = device;
    const parts = [
      `precopy ${phase(precopy.records, precopy.data_bytes)}`,
      `stop-copy ${phase(stop_copy.records, stop_copy.data_bytes)}`,
      `config ${formatSize(device.config_bytes)}`,
      `INIT_DATA_SENT ${device.init_data_sent}`,
    ];
    return `${sectionName(device)}: ${parts.join(", ")}`;
  });
  lines.push(
    `total: ${formatSize(totals.stream_bytes)} in ${plural(totals.sections, "section")}: VFIO ${
      formatSize(totals.vfio_bytes)
    }, RAM ${formatSize(totals.ram_bytes)}, other ${formatSize(totals.other_bytes)}, framing ${
      formatSize(totals.framing_bytes)
    }`,
  );
  return lines;
}

function row(
  offset: string,
  kind: string,
  id: string,
  count: string,
  section: string,
  what: string,
): string {
  const columns = [
    offset.padStart(12),
    kind.padEnd(13),
    id.padStart(4),
    count.padStart(7),
    section.padEnd(24),
    what,
  ];
  return columns.join("  ").trimEnd();
}

function sectionName({ idstr, instance }: { idstr?: string; instance?: number }): string {
  if (idstr === undefined) return "";
  return instance === 0 ? idstr : `${idstr} #${instance}`;
}

function content(entry: Entry): string {
  if (entry.machine !== undefined) return `machine ${entry.machine}`;
  if (entry.command !== undefined) {
    return entry.argument === undefined ? entry.command : `${entry.command} ${entry.argument}`;
  }
  if (entry.records !== undefined) {
    return entry.records.map((run) => runText(run, entry.count)).join(", ");
  }
  if (entry.ram !== undefined) return ramText(entry.ram);
  if (entry.skipped_bytes !== undefined) return formatSize(entry.skipped_bytes);
  return "";
}

/** A run in one line that stands for `sections`: one record in each needs no count. */
function runText(run: RecordRun, sections: number): string {
  const { kind, count, data_bytes, min_bytes, max_bytes } = run;
  const times = count === sections ? "" : ` x${count}`;
  if (data_bytes === undefined) return kind + times;
  const each = min_bytes === max_bytes
    ? count === 1 ? "" : ` (${formatSize(min_bytes ?? 0)} each)`
    : ` (${formatSize(min_bytes ?? 0)} to ${formatSize(max_bytes ?? 0)})`;
  return `${kind}${times} ${formatSize(data_bytes)}${each}`;
}

function ramText(ram: RamSummary): string {
  const parts: string[] = [];
  if (ram.size_bytes !== undefined) {
    const blocks = ram.blocks === undefined ? "" : ` in ${plural(ram.blocks, "block")}`;
    parts.push(`RAM of ${formatSize(ram.size_bytes)}${blocks}`);
  }
  if (ram.pages > 0) parts.push(plural(ram.pages, "page"));
  if (ram.zero_pages > 0) parts.push(plural(ram.zero_pages, "zero page"));
  if (ram.encoded_pages > 0) parts.push(plural(ram.encoded_pages, "encoded page"));
  if (ram.records > 0) parts.push(plural(ram.records, "record"));
  if (ram.flushes > 0) parts.push(`multifd flush x${ram.flushes}`);
  if (ram.data_bytes > 0) parts.push(formatSize(ram.data_bytes));
  return parts.length > 0 ? parts.join(", ") : "nothing";
}

function phase(records: number, bytes: number): string {
  return records === 0 ? "none" : `${formatSize(bytes)} in ${plural(records, "record")}`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
