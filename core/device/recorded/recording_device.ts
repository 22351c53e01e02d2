import type { Clock } from "../../clock/mod.ts";
import { errnoName, type Region } from "../../libc/mod.ts";
import {
  type DeviceState,
  deviceStateName,
  migrationFlagNames,
  type PrecopyInfo,
} from "../../vfio/mod.ts";
import type { DataSize, Device, DeviceImage } from "../device.ts";
import { putInteger, putMicroseconds, putNewline, putText } from "./line_buffer.ts";
import {
  beginLine,
  closeRecordingWriter,
  type RecordingWriter,
  writeBytes,
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
    this.#begin("GET MIGRATION", this.#originNs, this.#originNs, 0);
    this.#name("flags", migrationFlagNames(device.migrationFlags));
    this.#end();
  }

  getState(): DeviceState {
    const beganNs = this.#clock.nowNs();
    const state = this.#device.getState();
    this.#begin("GET MIG_DEVICE_STATE", beganNs, this.#clock.nowNs(), 0);
    this.#name("state", deviceStateName(state));
    this.#end();
    return state;
  }

  setState(state: DeviceState): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.setState(state);
    this.#begin("SET MIG_DEVICE_STATE", beganNs, this.#clock.nowNs(), result);
    this.#name("state", deviceStateName(state));
    this.#end();
    return result;
  }

  setPrecopyInfoV2(): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.setPrecopyInfoV2();
    this.#begin("SET MIG_PRECOPY_INFOv2", beganNs, this.#clock.nowNs(), result);
    this.#end();
    return result;
  }

  getDataSize(out: DataSize): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.getDataSize(out);
    this.#begin("GET MIG_DATA_SIZE", beganNs, this.#clock.nowNs(), result);
    this.#number("stop_copy_length", result < 0 ? 0 : out.stopCopyLength);
    this.#end();
    return result;
  }

  getPrecopyInfo(out: PrecopyInfo): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.getPrecopyInfo(out);
    this.#begin("VFIO_MIG_GET_PRECOPY_INFO", beganNs, this.#clock.nowNs(), result);
    const { flags, initialBytes, dirtyBytes } = result < 0 ? NOTHING : out;
    this.#number("flags", flags);
    this.#number("initial_bytes", initialBytes);
    this.#number("dirty_bytes", dirtyBytes);
    this.#end();
    return result;
  }

  read(region: Region | null, length: number, calls?: number): number {
    const beganNs = this.#clock.nowNs();
    const n = this.#device.read(region, length, calls);
    this.#transfer("read", beganNs, n, length * (calls ?? 1));
    if (n > 0 && region !== null) writeBytes(this.#writer, region, n);
    return n;
  }

  write(region: Region | null, offset: number, length: number): number {
    const beganNs = this.#clock.nowNs();
    const n = this.#device.write(region, offset, length);
    this.#transfer("write", beganNs, n, length);
    return n;
  }

  reset(): number {
    const beganNs = this.#clock.nowNs();
    const result = this.#device.reset();
    this.#begin("VFIO_DEVICE_RESET", beganNs, this.#clock.nowNs(), result);
    this.#end();
    return result;
  }

  image(): DeviceImage | null {
    return this.#device.image();
  }

  close(): void {
    this.#device.close();
    closeRecordingWriter(this.#writer);
  }

  #transfer(call: "read" | "write", beganNs: number, n: number, count: number): void {
    this.#begin(call, beganNs, this.#clock.nowNs(), n);
    this.#number("count", count);
    this.#number("stream_offset", this.#streamed);
    this.#end();
    if (n > 0) this.#streamed += n;
  }

  /** Begins a call's line with what every call has. */
  #begin(call: string, beganNs: number, endedNs: number, result: number): void {
    beginLine(this.#writer);
    const { lines } = this.#writer;
    putText(lines, '{"seq":');
    putInteger(lines, this.#writer.calls++);
    putText(lines, ',"t_us":');
    putMicroseconds(lines, beganNs - this.#originNs);
    putText(lines, ',"dur_us":');
    putMicroseconds(lines, endedNs - beganNs);
    this.#name("dev", this.#side);
    this.#name("call", call);
    this.#number("ret", result < 0 ? -1 : result);
    this.#number("errno", result < 0 ? -result : 0);
    this.#name("errname", result < 0 ? errnoName(result) : "");
  }

  #name(key: string, value: string): void {
    this.#key(key);
    putText(this.#writer.lines, '"');
    putText(this.#writer.lines, value);
    putText(this.#writer.lines, '"');
  }

  #number(key: string, value: number): void {
    this.#key(key);
    putInteger(this.#writer.lines, value);
  }

  #key(key: string): void {
    putText(this.#writer.lines, ',"');
    putText(this.#writer.lines, key);
    putText(this.#writer.lines, '":');
  }

  #end(): void {
    putText(this.#writer.lines, "}");
    putNewline(this.#writer.lines);
  }
}

const NOTHING: PrecopyInfo = { flags: 0, initialBytes: 0, dirtyBytes: 0 };
