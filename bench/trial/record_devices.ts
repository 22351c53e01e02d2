import { wallClock } from "../../core/clock/mod.ts";
import type { Device } from "../../core/device/mod.ts";
import {
  closeRecordingWriter,
  createRecordingWriter,
  flushLines,
  RecordingDevice,
  type RecordingWriter,
} from "../../core/device/recorded/mod.ts";
import type { AnyDevice, Role } from "./build_devices.ts";

/** Devices that write down what happens to them. */
export interface RecordedDevices {
  readonly devices: Device[];
  /** Writes what is left, and says what went wrong; null where all is written. */
  finish(): string | null;
  /** Closes the files, and not the devices. */
  close(): void;
}

/**
 * Records each device of one end to `PREFIX-ID`, those of the destination to `PREFIX-ID-dst`. The destination's
 * bytes are the source's, and are kept there only.
 *
 * @throws {RecordingError} where a file is there already or cannot be made; then none is left open
 */
export function recordDevices(
  devices: readonly AnyDevice[],
  role: Role,
  prefix: string,
  { chunk, seed }: { readonly chunk: number; readonly seed: number },
): RecordedDevices {
  const side = role === "source" ? "src" : "dst";
  const writers: RecordingWriter[] = [];
  const open = (device: AnyDevice): Device => {
    if (!("read" in device)) {
      throw new TypeError(`Cannot record ${device.id}: received a device that has no data_fd`);
    }
    const name = `${prefix}-${device.id}${side === "dst" ? "-dst" : ""}`;
    const data = side === "src" ? "file" : "omitted";
    const writer = createRecordingWriter(name, { [side]: device.id, chunk, data, seed });
    writers.push(writer);
    return new RecordingDevice(device, side, wallClock, writer);
  };
  const close = () => {
    for (const writer of writers) closeRecordingWriter(writer);
  };
  try {
    return {
      devices: devices.map(open),
      close,
      finish() {
        for (const writer of writers) flushLines(writer);
        return writers.find(({ failure }) => failure !== null)?.failure ?? null;
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
