/** What a listing of a migration stream consists of. Units are last in every key: this is the JSON. */

/** VFIO records of one kind that follow each other. */
export interface RecordRun {
  /**
   * As in the protocol: SETUP, DATA, END_OF_STATE, INIT_DATA_SENT, CONFIG, CONFIG_LOAD_READY. OTHER is the
   * rest of a section that has more than 63 runs.
   */
  readonly kind: string;
  count: number;
  /** What they carry, all together, at least and at most. Only of DATA and CONFIG. */
  data_bytes?: number;
  min_bytes?: number;
  max_bytes?: number;
}

/** What a section of guest RAM holds, QEMU's or ours. */
export interface RamSummary {
  /** The size of RAM, where the section says it. */
  size_bytes?: number;
  /** QEMU: how many blocks it is made of. */
  blocks?: number;
  /** QEMU: whole pages, pages of one byte, and pages as XBZRLE or compressed. */
  pages: number;
  zero_pages: number;
  encoded_pages: number;
  /** QEMU: how often the multifd channels are flushed. */
  flushes: number;
  /** Ours: records. */
  records: number;
  /** The bytes of pages and records. */
  data_bytes: number;
}

/** A line of the listing: a section, or something between sections. */
export interface Entry {
  /** HEADER, CONFIGURATION, START, PART, END, FULL, COMMAND, EOF or VMDESC. */
  readonly kind: string;
  /** Where the first one begins. */
  readonly offset_bytes: number;
  /** How many such follow each other, perhaps in turn with the lines around this one. */
  count: number;
  /** How long they are with all of their framing, together. */
  length_bytes: number;
  id?: number;
  idstr?: string;
  instance?: number;
  version?: number;
  /** CONFIGURATION. */
  machine?: string;
  /** COMMAND, by name, and its argument if it has one. */
  command?: string;
  argument?: number;
  /** A section of a VFIO device. */
  records?: RecordRun[];
  /** A section of RAM. */
  ram?: RamSummary;
  /** A section that cannot be read: how long its payload is. */
  skipped_bytes?: number;
  /** The stream breaks off, or goes wrong, within it. */
  broken?: true;
}

/** What a VFIO device sent in one phase. */
export interface PhaseTotal {
  records: number;
  data_bytes: number;
}

/** All that a VFIO device sent. */
export interface DeviceTotal {
  readonly idstr: string;
  readonly instance: number;
  readonly id: number;
  sections: number;
  /** DATA in PART. */
  readonly precopy: PhaseTotal;
  /** DATA in any other section. */
  readonly stop_copy: PhaseTotal;
  config_bytes: number;
  init_data_sent: number;
}

/** All of the stream. */
export interface Totals {
  sections: number;
  /** DATA and CONFIG of VFIO devices. */
  vfio_bytes: number;
  /** Pages and records of RAM. */
  ram_bytes: number;
  /** Payload that cannot be read, and the vmdesc. */
  other_bytes: number;
  /** All the rest: heads, tags, footers, commands. */
  framing_bytes: number;
  stream_bytes: number;
}
