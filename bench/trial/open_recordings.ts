import { closeRecording, readRecording, type Recording } from "../../core/device/mod.ts";
import type { Cases } from "./play_turns.ts";

/** Cases whose recordings are open, so that no trial reads them again. */
export interface OpenRecordings {
  readonly cases: Cases;
  close(): void;
}

/**
 * Reads every recording that the cases play on the wall clock, once for all trials.
 *
 * @throws {RecordingError} with what is wrong with one; none is left open then
 */
export async function openRecordings(cases: Cases): Promise<OpenRecordings> {
  const recordings = new Map<string, Recording>();
  const close = () => {
    for (const recording of recordings.values()) closeRecording(recording);
  };
  try {
    for (const { clock, devices } of cases.values()) {
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
  const opened = [...cases].map(([number, one]) => {
    const devices = one.devices.map((device) => {
      const recording = device.kind === "replayed" ? recordings.get(device.capture) : undefined;
      return recording === undefined ? device : { ...device, recording };
    });
    return [number, { ...one, devices }] as const;
  });
  return { cases: new Map(opened), close };
}
