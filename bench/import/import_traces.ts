import type { PolicyName } from "../../core/migration/mod.ts";
import { assembleMigration, type DestinationPart } from "./assemble.ts";
import { checkQmp } from "./check_qmp.ts";
import type { KnownOptions } from "./choose_replay.ts";
import { clockOffset } from "./clock_offset.ts";
import { DestinationLog, type Incoming } from "./destination_log.ts";
import { ImportError } from "./import_error.ts";
import { IMPORT_SCHEMA, type Imported, type LogSummary } from "./imported.ts";
import { encodeHistogram } from "../measure/mod.ts";
import { type QmpLog, readQmpLog } from "./qmp_log.ts";
import { type ReadLog, readTrace } from "./read_trace.ts";
import type { SourceLog } from "./source_log.ts";
import { SourceLogs, type SourcePart } from "./source_logs.ts";

/** What to import: paths. */
export interface ImportOptions {
  readonly source: string;
  readonly destination?: string | undefined;
  readonly qmp?: string | undefined;
  /** Whose rules the decisions are replayed by; the log tells the generation otherwise. */
  readonly policy?: PolicyName | undefined;
}

/** An import, with what does not go to `import.json`. */
export interface ImportedTraces {
  readonly imported: Imported;
  /** Durations of buffers by name (with their unit), of each migration in turn, as histograms. */
  readonly histograms: readonly Readonly<Record<string, string>>[];
}

/**
 * Reads the logs of a migration's QEMUs. Memory grows with the windows, queries and acks of the migration, not with
 * its passes or the log.
 *
 * @throws {ImportError} in one line: for a log that cannot be read, has no migration in it or not all of it, or
 * is not of the same migration as the others
 */
export async function importTraces(options: ImportOptions): Promise<ImportedTraces> {
  const { source, destination, policy } = options;
  const qmp = options.qmp === undefined ? null : await readQmpLog(options.qmp);
  const logs = new SourceLogs(knownOptions(qmp, policy));
  const read = await readFor(
    source,
    (take) => readTrace(source, take),
    (event) => logs.take(event),
  );
  logs.end();
  const last = lastPart(source, read, logs);
  const loading = new DestinationLog();
  const readLoading = destination === undefined
    ? null
    : await readFor(destination, (take) =>
      readTrace(destination, take), (event) =>
      loading.take(event));
  const part = destination === undefined ? null : destinationPart(destination, last.log, loading);
  const migrations = logs.parts.map((one) =>
    assembleMigration(one, one === last ? part : null, policy !== undefined)
  );
  const migration = migrations.at(-1);
  if (migration === undefined) {
    throw new ImportError(`Cannot import ${source}: it has no migration`);
  }
  return {
    imported: {
      schema: IMPORT_SCHEMA,
      source: summaryOf(read, logs.unreadable),
      destination: readLoading === null ? null : summaryOf(readLoading, loading.unreadable),
      qmp: qmp === null || options.qmp === undefined ? null : {
        name: fileName(options.qmp),
        parameters: Object.fromEntries(qmp.parameters),
        checks: checkQmp(migration, qmp),
      },
      migrations,
    },
    histograms: logs.parts.map((one) =>
      histogramsOf(one.log, one === last ? part?.incoming ?? null : null)
    ),
  };
}

/** Errors of what is in a log say of which. */
async function readFor(
  path: string,
  read: (take: (event: Parameters<SourceLogs["take"]>[0]) => void) => Promise<ReadLog>,
  take: (event: Parameters<SourceLogs["take"]>[0]) => void,
): Promise<ReadLog> {
  return await read((event) => {
    try {
      take(event);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      throw new ImportError(`Cannot import ${path}: ${error.message}`);
    }
  });
}

function knownOptions(qmp: QmpLog | null, policy: PolicyName | undefined): KnownOptions {
  const number = (name: string) => {
    const value = qmp?.parameters.get(name);
    return typeof value === "number" ? value : undefined;
  };
  const ack = qmp?.parameters.get("switchover-ack");
  return {
    policy,
    switchoverAck: typeof ack === "boolean" ? ack : undefined,
    downtimeLimitMs: number("downtime-limit"),
    availSwitchoverBandwidth: number("avail-switchover-bandwidth"),
  };
}

/** The migration that a destination and a QMP log belong to. */
function lastPart(path: string, read: ReadLog, logs: SourceLogs): SourcePart {
  const last = logs.parts.at(-1);
  if (last === undefined) {
    const hint = logs.isIncoming
      ? "it is a destination's log, name the source's first"
      : "no outgoing migration is in it, trace at least migrat*, savevm_* and vfio_*";
    throw new ImportError(`Cannot import ${path}: ${hint}`);
  }
  const { log } = last;
  if (log.outcome === null) {
    const cut = read.isWhole ? "" : ", in the midst of a line,";
    throw new ImportError(
      `Cannot import ${path}: it ends${cut} before its migration does (no completed, failed or cancelled after ${log.passes.passes} passes)`,
    );
  }
  return last;
}

function destinationPart(
  path: string,
  source: SourceLog,
  { incoming }: DestinationLog,
): DestinationPart {
  if (incoming === null) {
    throw new ImportError(
      `Cannot import ${path}: no incoming migration is in it, trace at least migrat*, loadvm_*, qemu_loadvm_* and vfio_*`,
    );
  }
  // A file is read when somebody wants it: its destination's moments say nothing about the source's.
  if (source.transport === "file") return { incoming, clock: null };
  try {
    return { incoming, clock: clockOffset(source.messages, incoming) };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    throw new ImportError(`Cannot import ${path}: ${error.message}`);
  }
}

function histogramsOf(source: SourceLog, incoming: Incoming | null): Record<string, string> {
  return {
    ...(source.devices.durations.totalCount === 0
      ? {}
      : { save_block_us: encodeHistogram(source.devices.durations) }),
    ...(incoming === null || incoming.durations.totalCount === 0
      ? {}
      : { load_block_us: encodeHistogram(incoming.durations) }),
  };
}

function summaryOf(read: ReadLog, unreadable: number): LogSummary {
  const { name, lines, used } = read;
  return { name, lines, used, unreadable: read.unreadable + unreadable };
}

/** A path without its folders, which are the user's own. */
function fileName(path: string): string {
  return path.replace(/^.*[/\\]/, "");
}
