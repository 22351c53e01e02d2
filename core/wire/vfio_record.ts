/**
 * The records in a VFIO section (facts 2.9, v1: facts 5): a u64 tag each, and what follows it.
 *
 * ```text
 *   phase                 section   payload
 *   setup                 START     SETUP, END_OF_STATE
 *   precopy pass          PART      [DATA, u64 size, bytes], then END_OF_STATE or INIT_DATA_SENT
 *   stop-copy             END       (DATA, u64 size, bytes)*, END_OF_STATE
 *   config                FULL      CONFIG, config, END_OF_STATE
 *   config with multifd   FULL      END_OF_STATE or CONFIG_LOAD_READY
 *
 *   v1 precopy pass       PART      DATA, u64 size (0 when there is nothing), bytes, END_OF_STATE
 *   v1 stop-copy          END       CONFIG, config, END_OF_STATE, (DATA, u64 size, bytes)*, END_OF_STATE
 * ```
 *
 * END_OF_STATE, INIT_DATA_SENT and CONFIG_LOAD_READY close the section, SETUP must be followed by
 * END_OF_STATE, and CONFIG brings an END_OF_STATE of its own: with it the section closes in v2, in v1
 * it goes on.
 *
 * QEMU's config is the VMState of the device and has no length on the wire. In our own streams
 * (configuration section of machine `vfio-migbench`) it is a counted buffer, so that no reader has to
 * search for its end:
 *
 * ```text
 *   our config            u32 length, bytes
 * ```
 *
 * @module
 */

/** The upper half of every tag. */
export const TAG_HIGH = 0xffffffff;
const TAG_LOW = 0xef100000;

/** The lower half of each tag; {@linkcode TAG_HIGH} is above it. */
export const VFIO_TAG = {
  END_OF_STATE: TAG_LOW + 1,
  CONFIG: TAG_LOW + 2,
  SETUP: TAG_LOW + 3,
  DATA: TAG_LOW + 4,
  INIT_DATA_SENT: TAG_LOW + 5,
  CONFIG_LOAD_READY: TAG_LOW + 6,
} as const;

/** What the idstr of a VFIO section ends in. */
export const VFIO_SUFFIX = "/vfio";
export const VFIO_VERSION = 1;
export const TAG_SIZE = 8;
/** A DATA record before its bytes: tag and size. */
export const DATA_RECORD_SIZE = 16;
