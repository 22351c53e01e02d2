import type { Clock } from "../../clock/mod.ts";
import { errnoName, type Region } from "../../libc/mod.ts";
import {
  type DeviceState,
  deviceStateName,
  migrationFlagNames,
  type PrecopyInfo,
} from "../../vfio/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import {
  closeRecordingWriter,
  type RecordingWriter,
  writeBytes,
  writeLine,
} from "./recording_writer.ts";

/** Which side of a migration a recorded device is on. */
export type RecordedSide = "src" | "dst";

/**
 * A device that writes down what happens to another one: each call in order with its answer, its errno, its
 * sizes, when it was made and how long it took, and the bytes that its reads gave.
 *
 * ```text
 *   user --call--> RecordingDevice --call--> device
 *                        |  line, bytes
 *                        +------> NAME.jsonl, NAME.bin
 * ```
 *
 * What the writing takes is between the calls, and not in what a call took. Nothing of the session is kept in
 * memory.
 */
export class RecordingDevice implements Device {
  readonly id: string;
  readonly migrationFlags: number;
  #device: Device;
  #side: RecordedSide;
  #clock: Clock;
  #writer: RecordingWriter;
  #originNs: number;
  /** Bytes read, or written, so far. */
  #streamed = 0;

  /**
   * @param device What is recorded; it is closed with this one
   * @param writer Where to; it is closed with this one, and says then whether all went well
   */
  constructor(device: Device, side: RecordedSide, clock: Clock, writer: RecordingWriter) {
    this.id = device.id;
    this.migrationFlags = device.migrationFlags;
    this.#device = device;
    this.#side = side;
    this.#clock = clock;
    this.#writer = writer;
    this.#originNs = clock.nowNs();
    // Asked when the device was opened: what it took is not known any more.
    const flags = migrationFlagNames(device.migrationFlags);
    this.#write("GET MIGRATION", this.#originNs, this.#originNs, 0, `,"flags":"${flags}"`);
  }

  getState(): DeviceState {
    const beganNs = this.#clock.nowNs();
    const state = this.#device.getState();
    const tookNs = this.#clock.nowNs();
    this.#write("GET MIG_DEVICE_STATE", beganNs, tookNs, 0, stateField(state));
    return state;
  }

  setState(state: DeviceState): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.setState(state);
    this.#write("SET MIG_DEVICE_STATE", beganNs, this.#clock.nowNs(), result, stateField(state));
    return result;
  }

  setPrecopyInfoV2(): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.setPrecopyInfoV2();
    this.#write("SET MIG_PRECOPY_INFOv2", beganNs, this.#clock.nowNs(), result, "");
    return result;
  }

  getDataSize(out: DataSize): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.getDataSize(out);
    const endedNs = this.#clock.nowNs();
    const length = result < 0 ? 0 : out.stopCopyLength;
    this.#write("GET MIG_DATA_SIZE", beganNs, endedNs, result, `,"stop_copy_length":${length}`);
    return result;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.getPrecopyInfo(out);
    const endedNs = this.#clock.nowNs();
    const { flags, initialBytes, dirtyBytes } = result < 0 ? NOTHING : out;
    const fields = `,"flags":${flags},"initial_bytes":${initialBytes},"dirty_bytes":${dirtyBytes}`;
    this.#write("VFIO_MIG_GET_PRECOPY_INFO", beganNs, endedNs, result, fields);
    return result;
  }

  read(region: Region | null, length: number, calls?: number): number {
    const beganNs = this.#clock.nowNs();
    const n = this.#device.read(region, length, calls);
    const endedNs = this.#clock.nowNs();
    this.#write("read", beganNs, endedNs, n, this.#sizes(length * (calls ?? 1)));
    if (n > 0) {
      this.#streamed += n;
      if (region !== null) writeBytes(this.#writer, region, n);
    }
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    const beganNs = this.#clock.nowNs();
    const n = this.#device.write(region, offset, length);
    this.#write("write", beganNs, this.#clock.nowNs(), n, this.#sizes(length));
    if (n > 0) this.#streamed += n;
    return n;
  }

  reset(): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.reset();
    this.#write("VFIO_DEVICE_RESET", beganNs, this.#clock.nowNs(), result, "");
    return result;
  }

  image(): DeviceImage | null {
    return this.#device.image();
  }

  close(): void {
    this.#device.close();
    closeRecordingWriter(this.#writer);
  }

  #sizes(count: number): string {
    return `,"count":${count},"stream_offset":${this.#streamed}`;
  }

  #write(call: string, beganNs: number, endedNs: number, result: number, fields: string): void {
    const errno = result < 0 ? -result : 0;
    const name = result < 0 ? errnoName(errno) : "";
    writeLine(
      this.#writer,
      `{"seq":${this.#writer.calls++},"t_us":${microseconds(beganNs - this.#originNs)},"dur_us":${
        microseconds(endedNs - beganNs)
      },"dev":"${this.#side}","call":"${call}","ret":${
        result < 0 ? -1 : result
      },"errno":${errno},"errname":"${name}"${fields}}`,
    );
  }
}

const NOTHING: PrecopyInfo = { flags: 0, initialBytes: 0, dirtyBytes: 0 };

function stateField(state: DeviceState): string {
  return `,"state":"${deviceStateName(state)}"`;
}

/** To a tenth, as a number in JSON. */
function microseconds(ns: number): number {
  return Math.round(ns / 100) / 10;
}
