import { closeRecording, readRecording, type Recording } from "../../core/device/mod.ts";
import type { Case } from "../scenario/mod.ts";

/** Cases whose recordings are open, so that no trial reads them again. */
export interface OpenRecordings {
  readonly cases: readonly Case[];
  close(): void;
}

/**
 * Reads every recording that the cases play on the wall clock, once for all trials.
 *
 * @throws {RecordingError} with what is wrong with one; none is left open then
 */
export async function openRecordings(cases: readonly Case[]): Promise<OpenRecordings> {
  const recordings = new Map<string, Recording>();
  const close = () => {
    for (const recording of recordings.values()) closeRecording(recording);
  };
  try {
    for (const { clock, devices } of cases) {
      for (const device of devices) {
        if (clock === "virtual" || device.kind !== "replayed") continue;
        const { capture } = device;
        if (!recordings.has(capture)) recordings.set(capture, await readRecording(capture));
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  const opened = cases.map((one) => ({
    ...one,
    devices: one.devices.map((device) => {
      const recording = device.kind === "replayed" ? recordings.get(device.capture) : undefined;
      return recording === undefined ? device : { ...device, recording };
    }),
  }));
  return { cases: opened, close };
}
