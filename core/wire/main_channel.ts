/**
 * The numbers of QEMU's main migration channel (facts 2.9). Everything is big-endian.
 *
 * ```text
 *   file header      "QEVM"  u32 3
 *   configuration    07  u32 length  machine name  subsections
 *   START, FULL      01 | 04  u32 id  u8 length  idstr  u32 instance  u32 version  payload  footer
 *   PART, END        02 | 03  u32 id  payload  footer
 *   footer           7e  u32 id
 *   command          08  u16 command  u16 length  data
 *   EOF              00
 *   vmdesc           06  u32 length  JSON
 * ```
 *
 * The payload of a section has no length on the wire: who reads it must know what is in it.
 *
 * @module
 */

/** "QEVM". */
export const FILE_MAGIC = 0x5145564d;
/** The only version that QEMU still reads. */
export const FILE_VERSION = 3;

/** The first byte of everything after the file header. */
export const SECTION = {
  /** Nothing follows but perhaps the vmdesc. */
  EOF: 0x00,
  /** Declares an iterable section: its setup. */
  START: 0x01,
  /** A pass in precopy. */
  PART: 0x02,
  /** The last of an iterable section, in stop-copy. */
  END: 0x03,
  /** Declares a section that is whole: state that is sent once. */
  FULL: 0x04,
  /** A part of a device's state, within its section. */
  SUBSECTION: 0x05,
  /** A description of all FULL sections as JSON. */
  VMDESC: 0x06,
  /** The machine, and capabilities that both sides must share. */
  CONFIGURATION: 0x07,
  /** An order to the destination. */
  COMMAND: 0x08,
  /** Closes each section. */
  FOOTER: 0x7e,
} as const;

/** `MIG_CMD_*`: orders from the source to the destination. */
export const COMMAND = {
  OPEN_RETURN_PATH: 1,
  PING: 2,
  POSTCOPY_ADVISE: 3,
  POSTCOPY_LISTEN: 4,
  POSTCOPY_RUN: 5,
  POSTCOPY_RAM_DISCARD: 6,
  PACKAGED: 7,
  ENABLE_COLO: 8,
  POSTCOPY_RESUME: 9,
  RECV_BITMAP: 10,
  SWITCHOVER_START: 11,
} as const;

/** How many bytes each command carries; -1 where it varies. */
export const COMMAND_LENGTH: readonly number[] = [-1, 0, 4, -1, 0, 0, -1, 4, 0, 0, -1, 0];

/** Sizes in bytes. */
export const FILE_HEADER_SIZE = 8;
/** Type and section id: the whole head of PART and END. */
export const SECTION_HEAD_SIZE = 5;
export const FOOTER_SIZE = 5;
/** Type, command and length. */
export const COMMAND_HEAD_SIZE = 5;

/** The idstr's length is one byte. */
export const MAX_IDSTR = 255;

/** The machine name that marks a stream as ours; see `ram_record.ts` and `vfio_record.ts` for what that means. */
export const OWN_MACHINE = "vfio-migbench";
