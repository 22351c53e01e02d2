import { createVirtualClock, type VirtualClock } from "../../../clock/mod.ts";
import { MESSAGE } from "../../../channel/mod.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../../../device/mod.ts";
import {
  DATA_SECTION_OFFSET,
  REGION_DEFAULTS,
  type RegionOptions,
  SimulatedRegionDevice,
} from "../../../device/region/mod.ts";
import { recordCalls } from "../../../device/region/testdata/recorded_device.ts";
import { memoryOf } from "../../../device/simulated/testdata/memory.ts";
import { type Region, regionOf } from "../../../libc/mod.ts";
import type { RegionOutput } from "../save.ts";

/** Where the data section begins, short for the tables. */
export const DATA = DATA_SECTION_OFFSET;

/** 1000 bytes, 600 of them precopied, in chunks of 100. */
export const SMALL: DeviceProfile = {
  ...GENERIC_PROFILE,
  state_size: 1000,
  initial_fraction: 0.6,
  chunk_size: 100,
};

export interface Setup {
  readonly profile?: Partial<DeviceProfile>;
  /** Bytes of the data section. */
  readonly staging?: number;
  readonly region?: Partial<RegionOptions>;
  /** The state's contents; null for zeros; undefined where no bytes move. */
  readonly seed?: number | null;
  /** For a destination without bytes: its source. */
  readonly source?: SimulatedRegionDevice;
}

export interface Parts {
  readonly clock: VirtualClock;
  readonly inner: SimulatedRegionDevice;
  /** The device, recording. */
  readonly device: ReturnType<typeof recordCalls>;
  readonly log: string[];
}

/** A device that notes what is done to it. */
export function partsOf({ profile, staging, region, seed, source }: Setup = {}): Parts {
  const clock = createVirtualClock();
  const whole = { ...SMALL, ...profile };
  const inner = new SimulatedRegionDevice({
    id: "nic0",
    profile: whole,
    region: { ...REGION_DEFAULTS, region_size: DATA + (staging ?? 256), ...region },
    clock,
    memory: seed === undefined ? null : memoryOf(whole.state_size, seed),
    headerFeed: source?.stream.headerLog ?? null,
  });
  const log: string[] = [];
  return { clock, inner, device: recordCalls(inner, log), log };
}

const NAMES = new Map<number, string>(Object.entries(MESSAGE).map(([name, kind]) => [kind, name]));

/** An output that notes its records in the same log, and hands DATA on. */
export function outputOf(
  log: string[],
  capacity: number,
  hasBytes: boolean,
  onData: (region: Region | null, length: number) => number = () => 0,
): RegionOutput {
  const region = hasBytes ? regionOf(new ArrayBuffer(capacity)) : null;
  return {
    capacity,
    claim: () => region,
    send(kind, length) {
      const name = NAMES.get(kind) ?? `kind ${kind}`;
      log.push(kind === MESSAGE.DATA ? `send ${name} ${length}` : `send ${name}`);
      return kind === MESSAGE.DATA && length > 0 ? onData(region, length) : 0;
    },
  };
}

/** Takes the log's lines out. */
export function take(log: string[]): string[] {
  return log.splice(0);
}
