/**
 * The return path: what the destination answers (facts 2.9). Everything is big-endian.
 *
 * ```text
 *    0       2        4
 *   +-------+--------+-----------------+
 *   | type  | length | length bytes... |
 *   +-------+--------+-----------------+
 * ```
 *
 * @module
 */

/** `MIG_RP_MSG_*`. */
export const RETURN_PATH = {
  /** The destination is done: u32, 0 if it runs. */
  SHUT: 1,
  /** The answer to PING: its u32. */
  PONG: 2,
  REQ_PAGES_ID: 3,
  REQ_PAGES: 4,
  RECV_BITMAP: 5,
  RESUME_ACK: 6,
  /** Initial data is loaded. */
  SWITCHOVER_ACK: 7,
} as const;

/** How many bytes each message carries; -1 where it varies. */
export const RETURN_PATH_LENGTH: readonly number[] = [-1, 4, 4, -1, 12, -1, 4, 0];

/** The most that QEMU takes in one message. */
export const MAX_RETURN_PATH_LENGTH = 512;
/** Type and length. */
export const RETURN_PATH_HEAD_SIZE = 4;
