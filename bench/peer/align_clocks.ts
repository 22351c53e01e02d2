import type { DestinationReport, SourceReport } from "../../core/migration/mod.ts";
import { boundsOfBoth, type ClockBounds, offsetOf } from "./clock_bounds.ts";

/**
 * What a downtime across two processes rests on: one clock that both have; two clocks, whose offset is known well
 * enough; or the source's clock alone, which knows when the destination's word came back that it runs.
 */
export type DowntimeBasis = "one clock" | "two clocks" | "return path";

/** The destination's report on the source's clock, and how good that is. */
export interface Aligned {
  readonly report: DestinationReport;
  readonly basis: DowntimeBasis;
  /** How far the destination's clock was ahead, and by how much that may be wrong; on one clock both are 0. */
  readonly offset_ns: number;
  readonly uncertainty_ns: number;
}

/** An offset is good enough where it is known to this part of the downtime, or to this. */
const GOOD_PART = 0.02;
const GOOD_NS = 50_000;

/**
 * Puts the destination's moments on the source's clock. Pure: the same reports and bounds give the same.
 *
 * Where the offset is too uncertain, the destination is taken to run when the source hears of it: too late by the
 * way back, and never too early. Without a return path there is nothing better than the offset.
 *
 * @param bounds How far the destination's clock was ahead while they ran
 * @param isOneClock Whether both processes are of the same boot of the same machine
 */
export function alignClocks(
  source: SourceReport,
  report: DestinationReport,
  bounds: ClockBounds,
  isOneClock: boolean,
  hasReturnPath: boolean,
): Aligned {
  if (isOneClock) return { report, basis: "one clock", offset_ns: 0, uncertainty_ns: 0 };
  const { switchover } = source;
  const { runningNs } = report;
  const causal = boundsOfMigration(source, report, hasReturnPath);
  // Pings that contradict the migration were of a clock that was set meanwhile; it does not lie.
  const { offset_ns, uncertainty_ns } = offsetOf(boundsOfBoth(bounds, causal) ?? causal);
  const byOffset: Aligned = {
    report: moveReport(report, (ns) => ns - offset_ns),
    basis: "two clocks",
    offset_ns,
    uncertainty_ns,
  };
  if (switchover === null || runningNs === null) return byOffset;
  const downtime_ns = runningNs - offset_ns - switchover.decidedNs;
  const isGood = uncertainty_ns <= Math.max(GOOD_PART * downtime_ns, GOOD_NS);
  if (isGood || !hasReturnPath) return byOffset;
  const late_ns = runningNs - switchover.endNs;
  // What the destination measured by its own clock alone stays what it is.
  return { ...byOffset, report: moveReport(report, (ns) => ns - late_ns), basis: "return path" };
}

/** The switchover's word came after it was sent, the last word before it was heard. */
function boundsOfMigration(
  { switchover }: SourceReport,
  { switchoverStartNs, loadedNs, runningNs }: DestinationReport,
  hasReturnPath: boolean,
): ClockBounds {
  let most_ns = Infinity;
  let least_ns = -Infinity;
  if (switchover !== null) {
    if (switchoverStartNs !== null) most_ns = switchoverStartNs - switchover.stoppedNs;
    if (loadedNs !== null) most_ns = Math.min(most_ns, loadedNs - switchover.configSavedNs);
    if (runningNs !== null && hasReturnPath) least_ns = runningNs - switchover.endNs;
  }
  return { least_ns, most_ns };
}

function moveReport(report: DestinationReport, move: (ns: number) => number): DestinationReport {
  const moved = (ns: number | null) => ns === null ? null : move(ns);
  return {
    ...report,
    switchoverStartNs: moved(report.switchoverStartNs),
    loadedNs: moved(report.loadedNs),
    runningNs: moved(report.runningNs),
    devices: report.devices.map((device) =>
      device.multifd === undefined ? device : {
        ...device,
        multifd: {
          ...device.multifd,
          loadBeganNs: moved(device.multifd.loadBeganNs),
          loadEndedNs: moved(device.multifd.loadEndedNs),
        },
      }
    ),
  };
}
