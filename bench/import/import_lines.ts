import { bytesText, msText } from "../report/number_text.ts";
import { formatRate } from "../scenario/mod.ts";
import type { Imported } from "./imported.ts";
import type {
  ClockOffset,
  DecisionDifference,
  Decisions,
  ImportedMigration,
  TracedDevice,
} from "./migration.ts";

/** Passes that differ are listed up to so many; `--json` and `import.json` have more. */
const MOST_LISTED = 20;
/** Of what cost downtime the largest few. */
const MOST_VMSTATES = 5;

/** What a log tells that the table has no column for: a line for each matter, of the last migration. */
export function importLines(imported: Imported): string[] {
  const migration = imported.migrations.at(-1);
  if (migration === undefined) return [];
  const { source, destination, qmp, migrations } = imported;
  const unreadable = source.unreadable + (destination?.unreadable ?? 0);
  const several = migrations.length === 1
    ? []
    : [`${migrations.length} migrations; what follows is of the last.`];
  return [
    ...several,
    ...phaseLines(migration),
    ...migration.devices.map(deviceLine),
    ...downtimeLines(migration),
    ...vmstateLines(migration),
    ...(destination === null ? [] : [clockLine(migration)]),
    ...decisionLines(migration.decisions),
    ...(qmp === null ? [] : [qmpLine(qmp.checks)]),
    ...(unreadable === 0
      ? []
      : [`${unreadable} lines were cut off or run together, and are left out.`]),
  ];
}

function phaseLines(
  { phases, acks, windows_closed, threshold_bytes, passes, exact_queries }: ImportedMigration,
): string[] {
  const parts = phases.map(({ phase, begin_us, end_us, bytes, bytes_per_s }) => {
    const time = begin_us === null || end_us === null
      ? ""
      : ` ${msText((end_us - begin_us) / 1000)}`;
    const size = bytes === null ? "" : `, ${bytesText(bytes)}`;
    return `${phase}${time}${size}${bytes_per_s === null ? "" : ` at ${formatRate(bytes_per_s)}`}`;
  });
  const threshold = threshold_bytes === null
    ? ""
    : `, threshold at the end ${bytesText(threshold_bytes)}`;
  return [
    `phases     ${parts.join("; ")}`,
    `precopy    ${passes} passes, ${exact_queries} exact queries, ${windows_closed} windows, ${acks.length} acks${threshold}`,
  ];
}

function deviceLine(device: TracedDevice): string {
  const { id, precopy, stop_copy, reinits_us, queries } = device;
  const stopCopy = stop_copy.bytes === null ? "over multifd" : bytesText(stop_copy.bytes);
  const reinits = reinits_us.length === 0 ? "" : `, ${reinits_us.length} REINIT`;
  return `device     ${id}: precopy ${
    bytesText(precopy.bytes)
  } in ${precopy.count} buffers (${precopy.empty} turns empty), stop-copy ${stopCopy}, ${queries.length} different answers${reinits}`;
}

function downtimeLines({ checkpoints, clock }: ImportedMigration): string[] {
  const { decided_us, source_end_us, running_us } = checkpoints;
  if (decided_us === null) {
    return ["downtime   unknown: the log has no vmstate_downtime_checkpoint"];
  }
  const source = source_end_us === null ? "unknown" : msText((source_end_us - decided_us) / 1000);
  if (running_us === null) return [`downtime   ${source} as the source sees it`];
  const seen = msText((running_us - decided_us) / 1000);
  const error = clock === null || clock.uncertainty_us === null
    ? " at the least, for want of a word from the destination"
    : ` ±${msText(clock.uncertainty_us / 1000)}`;
  return [`downtime   ${source} as the source sees it, ${seen}${error} for the guest`];
}

function vmstateLines({ vmstates }: ImportedMigration): string[] {
  const costs = vmstates.map(({ idstr, save_us, load_us }) => ({
    idstr,
    us: (save_us ?? 0) + (load_us ?? 0),
  })).sort((a, b) => b.us - a.us).slice(0, MOST_VMSTATES);
  if (costs.length === 0) return [];
  const parts = costs.map(({ idstr, us }) => `${idstr} ${msText(us / 1000)}`);
  return [`sections   the costliest to save and load: ${parts.join(", ")}`];
}

function clockLine({ clock, transport }: ImportedMigration): string {
  if (clock === null) {
    return transport === "file"
      ? "clocks     not held against each other: a file is loaded whenever somebody likes"
      : "clocks     not held against each other: no message is in both logs";
  }
  return `clocks     the destination's is ${offsetText(clock)}`;
}

function offsetText(
  { offset_us, uncertainty_us, forward_pairs, backward_pairs }: ClockOffset,
): string {
  const pairs = `${forward_pairs} messages there and ${backward_pairs} back`;
  if (uncertainty_us !== null) {
    return `${msText(offset_us / 1000)} ahead, ±${
      msText(uncertainty_us / 1000)
    }, as nothing arrives before it was sent (${pairs})`;
  }
  const bound = backward_pairs === 0 ? "at most" : "at least";
  return `${bound} ${
    msText(offset_us / 1000)
  } ahead, as nothing arrives before it was sent (${pairs})`;
}

function decisionLines(decisions: Decisions): string[] {
  const { policy, passes, differing, sums_differing, differences } = decisions;
  if (passes === 0) {
    return [
      "decisions  none to replay: trace migrate_pending_* and vfio_state_pending_*, or qemu_savevm_query_pending",
    ];
  }
  const sums = sums_differing === 0 ? "" : `, ${sums_differing} add up otherwise`;
  const verdict = differing === 0 && sums_differing === 0
    ? `${policy} decides alike in all ${passes} passes`
    : `${policy} decides otherwise in ${differing} of ${passes} passes${sums}`;
  // Decisions before sums, each in order.
  const isSum = ({ what }: DecisionDifference) => what === "sum" || what === "threshold";
  const listed = [
    ...differences.filter((one) => !isSum(one)),
    ...differences.filter(isSum),
  ].slice(0, MOST_LISTED);
  const more = differing + sums_differing > listed.length && listed.length > 0
    ? [`  (the first ${listed.length}; import.json has up to 100 of each kind)`]
    : [];
  return [`decisions  ${verdict}`, ...listed.map(differenceLine), ...more];
}

const WHAT: Readonly<Record<DecisionDifference["what"], string>> = {
  asks: "asks the devices",
  decides: "decides",
  sum: "adds up",
  threshold: "makes a threshold of",
};

function differenceLine(one: DecisionDifference): string {
  const at = one.at_us === null ? "" : ` at ${msText(one.at_us / 1000)}`;
  return `  pass ${one.pass}${at}: QEMU ${
    WHAT[one.what]
  }: ${one.qemu}, ours: ${one.ours} (pending ${one.total_bytes}, threshold ${one.threshold_bytes})`;
}

function qmpLine(checks: NonNullable<Imported["qmp"]>["checks"]): string {
  const wrong = checks.filter(({ agrees }) => !agrees);
  if (checks.length === 0) return "qmp        has no end of a migration to compare with";
  if (wrong.length === 0) {
    return `qmp        says the same: ${checks.map(({ what }) => what).join(", ")}`;
  }
  const texts = wrong.map(({ what, trace, qmp }) =>
    `${what} is ${trace} in the trace and ${qmp} there`
  );
  return `qmp        DISAGREES: ${texts.join(", ")}`;
}
