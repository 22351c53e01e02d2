import { parseBoundedJson, readBoundedText } from "../outside/mod.ts";
import {
  appendTrial,
  type CaseMeta,
  createRun,
  finishRun,
  issueText,
  RunError,
} from "../store/mod.ts";
import { ImportedSchema } from "./import_schema.ts";
import { IMPORT_SCHEMA, type Imported } from "./imported.ts";
import { IMPORTED_SCENARIO, importedTimeline, importedTrial } from "./imported_trial.ts";
import type { ImportedTraces } from "./import_traces.ts";

/** The file of an imported run folder that holds all of what the logs told. */
export const IMPORT_FILE = "import.json";

/** A migration of an hour that queried its devices in every pass has about 100 MiB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Where an imported run goes. */
export interface ImportRunOptions {
  readonly root: string;
  readonly out: string | undefined;
}

/**
 * Writes a run folder of an import, like any other: one case, one trial for each migration.
 *
 * @returns Its path
 * @throws {RunError} where it cannot be written
 */
export function writeImport(
  { imported, histograms }: ImportedTraces,
  options: ImportRunOptions,
): string {
  const { migrations, source, destination, qmp } = imported;
  const startedMs = migrations[0]?.started_at_ms ?? undefined;
  const run = createRun({
    root: options.root,
    ...(options.out === undefined ? {} : { out: options.out }),
    name: IMPORTED_SCENARIO,
    seed: 0,
    // Of the machines that QEMU ran on the logs say nothing.
    environment: { comparable: { imported_from: "qemu-trace" } },
    cases: [caseOf(imported)],
    expect: [],
    origin: {
      kind: "qemu-trace",
      source: source.name,
      destination: destination?.name ?? null,
      qmp: qmp?.name ?? null,
    },
    ...(startedMs === undefined ? {} : { startedMs }),
  });
  try {
    Deno.writeTextFileSync(`${run.path}/${IMPORT_FILE}`, `${JSON.stringify(imported)}\n`);
  } catch (error) {
    throw new RunError(
      `Cannot write a run to ${run.path}: ${error instanceof Error ? error.message : error}`,
    );
  }
  for (const [trial, migration] of migrations.entries()) {
    appendTrial(
      run,
      importedTrial(migration, trial, histograms[trial] ?? {}),
      importedTimeline(migration, trial),
    );
  }
  finishRun(run, true);
  return run.path;
}

/** What is known of how it was played, by the names of our own parameters. */
function caseOf({ migrations, qmp }: Imported): CaseMeta {
  const last = migrations.at(-1);
  const given = qmp?.parameters ?? {};
  const number = (name: string, key: string) =>
    typeof given[name] === "number" ? { [key]: given[name] } : {};
  return {
    scenario: IMPORTED_SCENARIO,
    index: 0,
    label: "",
    varies: {},
    params: last === undefined ? {} : {
      policy: last.policy,
      switchover_ack: last.switchover_ack,
      return_path: last.return_path,
      multifd: last.multifd_channels !== null,
      ...(last.multifd_channels === null ? {} : { channels: last.multifd_channels }),
      ...(last.downtime_limit_ms === null ? {} : { downtime_limit_ms: last.downtime_limit_ms }),
      ...number("max-bandwidth", "max_bandwidth"),
      ...number("avail-switchover-bandwidth", "avail_switchover_bandwidth"),
    },
    clock: "wall",
    trials: migrations.length,
    shows: "estimates",
  };
}

/**
 * Reads what an imported run folder holds of its logs.
 *
 * @throws {RunError} in one line, for a run that was not imported, or is damaged
 */
export async function readImport(folder: string): Promise<Imported> {
  let data: unknown;
  try {
    data = parseBoundedJson(await readBoundedText(`${folder}/${IMPORT_FILE}`, MOST_BYTES));
  } catch (error) {
    const reason =
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory
        ? `there is no ${IMPORT_FILE} in it, name a folder that deno task import wrote`
        : error instanceof SyntaxError
        ? `${IMPORT_FILE} is not JSON`
        : error instanceof Error
        ? error.message
        : String(error);
    throw new RunError(`Cannot read the imported run ${folder}: ${reason}`);
  }
  const { success, data: imported, error } = ImportedSchema.safeParse(data);
  if (success) return imported;
  throw new RunError(
    `Cannot read the imported run ${folder}: ${IMPORT_FILE} is not of format ${IMPORT_SCHEMA} (${
      issueText(error)
    })`,
  );
}
