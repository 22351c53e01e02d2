import { formatSize } from "../scenario/mod.ts";
import type { SavedSession } from "./record_session.ts";

/** What was recorded, in numbers. Times are milliseconds, sizes bytes. */
export interface SessionDocument {
  readonly schema: "vfio-migbench/recorded@1";
  readonly device: string;
  readonly files: readonly string[];
  readonly calls: number;
  readonly precopy_bytes: number;
  readonly precopy_ms: number;
  readonly stop_copy_bytes: number;
  readonly stop_copy_ms: number;
  readonly reinits: number;
  /** The state that the device was left in. */
  readonly left_in: string;
}

export function sessionDocument(
  { report, leftIn }: SavedSession,
  recorded: { readonly device: string; readonly files: readonly string[]; readonly calls: number },
): SessionDocument {
  const [device] = report.devices;
  const { switchover, setupNs, events } = report;
  const decidedNs = switchover?.decidedNs ?? setupNs;
  return {
    schema: "vfio-migbench/recorded@1",
    ...recorded,
    precopy_bytes: device?.precopyBytes ?? 0,
    precopy_ms: (decidedNs - setupNs) / 1e6,
    stop_copy_bytes: device?.stopCopyBytes ?? 0,
    stop_copy_ms: ((switchover?.devicesSavedNs ?? decidedNs) - decidedNs) / 1e6,
    reinits: events.filter(({ event }) => event === "reinit").length,
    left_in: leftIn,
  };
}

/** The same for people. */
export function sessionText(one: SessionDocument): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return [
    `Recorded ${one.device}: ${one.calls} calls, ${
      formatSize(one.precopy_bytes + one.stop_copy_bytes)
    }`,
    `  precopy    ${formatSize(one.precopy_bytes)} in ${
      ms(one.precopy_ms)
    }, REINIT seen: ${one.reinits}`,
    `  stop-copy  ${formatSize(one.stop_copy_bytes)} in ${ms(one.stop_copy_ms)}`,
    `  ${one.files.join(", ")}`,
    `The device is ${one.left_in}. Back with: deno task replay ${one.files[0] ?? ""}`,
  ].join("\n");
}
