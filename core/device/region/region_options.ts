import type { MmapArea } from "../../vfio/region/mod.ts";
import { DATA_SECTION_OFFSET } from "./data_section.ts";

/** What version 1 adds to a profile; the keys are those of the scenario files. */
export interface RegionOptions {
  /** The migration region's size in bytes, of which the first page is the header's. */
  readonly region_size: number;
  /** Whether the data section can be mapped: all of it, none, or these areas. */
  readonly mapped: boolean | readonly MmapArea[];
  /**
   * What pending_bytes counts in precopy: what can be had now, or also what moves only once the device is
   * stopped. The protocol leaves it open (facts: a single number with undefined monotonicity).
   */
  readonly pending_report: "precopy" | "whole";
  /** What each access to the region takes: a trap into the driver, whatever its width. */
  readonly access_ms: number;
}

/** A mapped region of 1 MiB of data, honest about what can be had, with accesses that cost nothing. */
export const REGION_DEFAULTS: RegionOptions = {
  region_size: DATA_SECTION_OFFSET + 1024 * 1024,
  mapped: true,
  pending_report: "precopy",
  access_ms: 0,
};
