import { parsePolicyName, type PolicyName } from "../core/migration/mod.ts";
import { EXIT } from "./exit_code.ts";
import {
  importDocument,
  type ImportedTraces,
  importLines,
  importTraces,
  writeImport,
} from "./import/mod.ts";
import { parseFlags } from "./parse_flags.ts";
import { profileLines, type ProfileSummary, writeProfile } from "./profile/mod.ts";
import { RESULTS_DIR } from "./paths.ts";
import { plainText } from "./report/case_text.ts";
import { renderTable, resultDocument } from "./report/mod.ts";
import { readRun } from "./store/mod.ts";
import { stdoutShape } from "./stdout_shape.ts";
import { UsageError } from "./usage_error.ts";

const HELP = `deno task import SOURCE.trace [DESTINATION.trace] [FLAGS]

Makes a run folder of what a real QEMU (8.1 to 11.1) wrote to its trace log while it migrated VFIO devices. A log may be gzipped,
and may have any other events in it. QEMU writes it with
  -msg timestamp=on -D FILE -trace 'migrat*' -trace 'savevm_*' -trace 'vmstate_downtime_*' -trace 'vfio_save_*' -trace 'vfio_state_*'
  -trace 'vfio_query_*' -trace 'vfio_migration_*' -trace 'vfio_vmstate_*' -trace 'qemu_savevm_*' -trace 'source_return_path_*'
at the source, and at the destination
  -trace 'loadvm_*' -trace 'qemu_loadvm_*' -trace 'vfio_load_*' -trace 'vfio_migration_*' -trace 'migrat*' -trace 'vmstate_downtime_*'
Every pass is replayed by our policy of that QEMU's generation, which says where it would have decided otherwise.

  --qmp LOG       lines of the source's QMP: query-migrate, capabilities, parameters; the trace is checked against it
  --policy NAME   replays by qemu-8.1, qemu-9.2 or qemu-11.1, whatever the log is of
  --out DIR       the run folder; a new one in results/ otherwise
  --profile FILE  writes the devices as a profile for scenarios (FILE.json), and beside it a scenario that plays the migration again
  --json          one JSON document on stdout instead of the table
  --quiet         no progress on stderr

Exit: 0 fine, 1 the QMP log says otherwise than the trace, 2 a log cannot be read, is cut off, or has no migration in it.`;

/**
 * `deno task import`: a run of what a real QEMU did.
 *
 * @param args What stands behind the command
 * @returns The exit code
 * @throws {UsageError} If the arguments cannot be taken
 * @throws {ImportError} If a log cannot be
 */
export async function importCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["qmp", "policy", "out", "profile"],
    switches: ["json", "quiet"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const [source, destination, ...more] = flags.operands;
  if (source === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot import ${flags.operands.length} logs: expected the source's, and perhaps the destination's`,
    );
  }
  const traces = await importTraces({
    source,
    destination,
    qmp: flags.text("qmp"),
    policy: policyOf(flags.text("policy")),
  });
  const folder = writeImport(traces, { root: RESULTS_DIR, out: flags.text("out") });
  const profilePath = flags.text("profile");
  const profile = profilePath === undefined
    ? null
    : await writeProfile(traces.imported, profilePath);
  await show(traces, folder, flags.has("json"), profile);
  if (!flags.has("quiet") && !flags.has("json")) {
    console.error(`A page of it: deno task report ${folder}`);
  }
  const agrees = traces.imported.qmp?.checks.every((one) => one.agrees) ?? true;
  return agrees ? EXIT.FINE : EXIT.REGRESSED;
}

async function show(
  { imported }: ImportedTraces,
  folder: string,
  json: boolean,
  profile: ProfileSummary | null,
): Promise<void> {
  const { meta, trials } = await readRun(folder);
  const result = resultDocument(meta, trials);
  if (json) {
    const document = importDocument(result, imported);
    console.log(JSON.stringify(profile === null ? document : { ...document, profile }));
    return;
  }
  console.log(renderTable(result, stdoutShape(PIPED_WIDTH)));
  console.log("");
  for (const line of importLines(imported)) console.log(plainText(line));
  for (const line of profile === null ? [] : profileLines(profile)) console.log(plainText(line));
  console.log(folder);
}

const PIPED_WIDTH = 160;

function policyOf(text: string | undefined): PolicyName | undefined {
  if (text === undefined) return undefined;
  try {
    return parsePolicyName(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`Cannot take --policy ${text}: ${lowerFirst(error.message)}`);
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
