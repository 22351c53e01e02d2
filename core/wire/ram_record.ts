/**
 * Guest RAM in our own streams: section `vfio-migbench/ram`, version 1. Everything is big-endian.
 *
 * ```text
 *   START       u64 size of RAM in bytes
 *   PART, END   (u64 length > 0, bytes)*, u64 0
 * ```
 *
 * Each length says what follows it, so that nothing has to be read ahead. Which pages the bytes are is
 * not said: the harness moves RAM to load the link, not to run a guest. QEMU's own RAM section is only
 * read, never written; see `decode_qemu_ram.ts`.
 *
 * @module
 */

/** The idstr of our RAM section. */
export const RAM_IDSTR = "vfio-migbench/ram";
export const RAM_VERSION = 1;
/** A length before its bytes, or the 0 that ends them. */
export const RAM_LENGTH_SIZE = 8;
