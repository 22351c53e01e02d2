/**
 * What `decode` can come upon. Beside each are the fields of the decoder that then say more; `at` always
 * says where in the stream it begins.
 */
export const EVENT = {
  /** Everything up to the end of the chunk is consumed. */
  NEED_INPUT: 0,
  /** The file header. */
  HEADER: 1,
  /** The configuration section; `name` is the machine. */
  CONFIGURATION: 2,
  /** A subsection of it; `name`. */
  CONFIGURATION_SUBSECTION: 3,
  /** The head of a section; `section`, `sectionType`. */
  SECTION: 4,
  /** Its footer; `section`, `sectionType`. */
  SECTION_END: 5,
  /** `command`; `value` is its argument if it is one of 4 bytes. Otherwise `length` bytes follow as PAYLOAD. */
  COMMAND: 6,
  /** Bytes that belong to what was announced last: `bytes` from `offset`, `length` of them. */
  PAYLOAD: 7,

  /** VFIO: the device will be sent. END_OF_STATE follows. */
  SETUP: 8,
  /** VFIO: a record of `length` bytes, which follow as PAYLOAD (none if it is 0). */
  DATA: 9,
  /** VFIO: the tag that closes a section, or a CONFIG in v1. */
  END_OF_STATE: 10,
  /** VFIO: the tag that closes a precopy pass once all initial data is sent. */
  INIT_DATA_SENT: 11,
  /** VFIO: a config of `length` bytes, which follow as PAYLOAD. Then END_OF_STATE. */
  CONFIG: 12,
  /** VFIO: the config that came over multifd may be loaded. */
  CONFIG_LOAD_READY: 13,

  /** RAM, ours or QEMU's: `value` is its size in bytes. */
  RAM_SETUP: 14,
  /** Our RAM: `length` bytes, which follow as PAYLOAD. */
  RAM: 15,
  /** QEMU's RAM: a block; `name`, `value` is its size in bytes. */
  RAM_BLOCK: 16,
  /** QEMU's RAM: a page; `ramFlag`, `value` is its offset in block `name`. `length` bytes follow as PAYLOAD. */
  RAM_PAGE: 17,
  /** QEMU's RAM: the multifd channels are to be flushed. */
  RAM_FLUSH: 18,

  /** All of a section that is none of the above: `length` bytes that were not handed on. */
  SKIPPED: 19,
  /** The EOF. At most the vmdesc follows. */
  EOF: 20,
  /** The vmdesc: `length` bytes of JSON, which follow as PAYLOAD. */
  VMDESC: 21,
} as const;

/** The names of the events, by number. */
export const EVENT_NAMES: readonly string[] = Object.keys(EVENT);
