/**
 * What goes over a multifd channel. All integers are big-endian.
 *
 * ```text
 *   channel init, once         packets
 *   +-------------------+      +---------------------+-------------------------+------------+
 *   | 64 bytes          |      | header 12           | RAM: 308 + 8 per page   | pages      |
 *   +-------------------+      |   magic u32         +-------------------------+------------+
 *   0 magic  u32               |   version u32       | device state: 264       | payload    |
 *   4 version u32              |   flags u32         |                         |            |
 *   8 uuid 16                  +---------------------+-------------------------+------------+
 *  24 id u8, 7 pad
 *  32 4 x u64
 *
 *   RAM packet                                   device-state packet
 *   12 pages_alloc u32    24 packet_num u64      12 idstr 256, NUL-terminated
 *   16 normal_pages u32   32 zero_pages u32     268 instance_id u32
 *   20 next_packet_size   64 ramblock 256       272 next_packet_size u32
 *                        320 offsets u64 each   276 VFIO: version u32, idx u32, flags u32
 *                                               288 data
 * ```
 *
 * A RAM packet has room for the offsets of 512 KiB worth of pages, however many it carries; so has one
 * that carries none, as a SYNC does.
 *
 * Facts: captures of QEMU 10.0.
 *
 * @module
 */

/** The first word of a channel and of every packet. */
export const MULTIFD_MAGIC = 0x11223344;
/** The only version there is, of a channel and of every packet. */
export const MULTIFD_VERSION = 1;

/** The bits of a packet's flags. */
export const MULTIFD_FLAG = {
  SYNC: 1,
  /** How the pages are compressed; 0 = not. */
  COMPRESSION_MASK: 0x3e,
  DEVICE_STATE: 0x40,
} as const;

/** The version of the VFIO header in a device-state packet's payload. */
export const VFIO_PACKET_VERSION = 0;
/** The bit of the VFIO header's flags that says: this is the configuration, the device's last packet. */
export const VFIO_CONFIG_STATE = 1;
/** No buffer has this idx. */
export const INVALID_IDX = 0xffff_ffff;

/** Sizes in bytes. */
export const MULTIFD_SIZE = {
  INIT: 64,
  HEADER: 12,
  /** A RAM packet up to its page offsets. */
  RAM: 320,
  IDSTR: 256,
  /** A device-state packet up to its payload. */
  DEVICE_STATE: 276,
  /** The VFIO header at the start of the payload. */
  VFIO_HEADER: 12,
  /** All that precedes a buffer's data: what a buffer costs on the wire beside itself. */
  DEVICE_STATE_HEAD: 288,
} as const;

/** Where a field is, in bytes from its packet's start. */
export const MULTIFD_AT = {
  MAGIC: 0,
  VERSION: 4,
  FLAGS: 8,
  INIT_UUID: 8,
  INIT_ID: 24,
  RAM_PAGES_ALLOC: 12,
  RAM_NORMAL_PAGES: 16,
  RAM_NEXT_PACKET_SIZE: 20,
  RAM_ZERO_PAGES: 32,
  RAM_BLOCK: 64,
  IDSTR: 12,
  INSTANCE_ID: 268,
  NEXT_PACKET_SIZE: 272,
  VFIO_VERSION: 276,
  VFIO_IDX: 280,
  VFIO_FLAGS: 284,
} as const;

/** A RAM packet has this many bytes worth of pages. */
export const RAM_PACKET_PAGES_BYTES = 512 * 1024;
