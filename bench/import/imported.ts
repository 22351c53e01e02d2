import type { ImportedMigration } from "./migration.ts";

/** The format of `import.json`. */
export const IMPORT_SCHEMA = "vfio-migbench/import@1";

/** A number that the QMP log has too. */
export interface QmpCheck {
  readonly what: string;
  readonly trace: number;
  readonly qmp: number;
  readonly agrees: boolean;
}

/** How much of a log was of use. */
export interface LogSummary {
  /** The file's name, without the folders it lay in. */
  readonly name: string;
  readonly lines: number;
  /** Lines of events that the import uses. */
  readonly used: number;
  /** Lines of such events that could not be read, because they were cut off or run together. */
  readonly unreadable: number;
}

/** All that came out of the logs: what `import.json` holds. */
export interface Imported {
  readonly schema: typeof IMPORT_SCHEMA;
  readonly source: LogSummary;
  readonly destination: LogSummary | null;
  readonly qmp: {
    readonly name: string;
    readonly parameters: Readonly<Record<string, number | boolean | string>>;
    readonly checks: readonly QmpCheck[];
  } | null;
  /** In the order of the log. A destination and a QMP log belong to the last one. */
  readonly migrations: readonly ImportedMigration[];
}
