/**
 * The ways in which a device can be wrong about itself, by name: what drivers do or may do about their sizes (each
 * with the driver, where one is known for it), and what no driver should do to its data_fd and its states.
 *
 * @module
 */

/** What can be said of a lie beforehand. */
export interface Lie {
  /** What the device does. */
  readonly description: string;
  /** The sides on which it can be told; the first is meant where a plan names none. */
  readonly sides: readonly ["source" | "destination", ...("source" | "destination")[]];
  /** Whether a device of protocol v1 can tell it, about its one number, pending_bytes. */
  readonly v1: boolean;
  /** Whether it is about PRE_COPY, so that the device must have that. */
  readonly precopy: boolean;
  /** Whether it can be told for a device of the kernel: what arrives at the other one is what it should be. */
  readonly real: boolean;
  /** Whether it changes bytes, so that there is nothing to change on the virtual clock. */
  readonly bytes?: true;
}

function size(description: string): Lie {
  return { description, sides: ["source"], v1: true, precopy: false, real: true };
}

function precopy(description: string): Lie {
  return { description, sides: ["source"], v1: false, precopy: true, real: true };
}

/** Every lie. `size-` is about stop_copy_length (v1: pending_bytes), `precopy-` about initial_bytes and dirty_bytes. */
export const LIES = {
  "size-constant": size("The size is 64 KiB, whatever the truth (pds)."),
  "size-stuck": size("The size is the first answer for ever, whatever was precopied since (mlx5)."),
  "size-zero": size("The size is 0."),
  "size-too-small": size(
    "The size is a sixteenth of the truth: more comes in STOP_COPY than was announced.",
  ),
  "size-too-large": size("The size is sixteen times the truth."),
  "size-error": size("The query for the size fails with EIO; QEMU goes on with 100 GiB."),
  "size-negative": size("The size is -EINVAL, stored as if it were a length (xe)."),
  "size-growing": size("The size is a MiB more at every query."),
  "precopy-error": precopy("VFIO_MIG_GET_PRECOPY_INFO fails with EIO; QEMU goes on with 0."),
  "precopy-zero": precopy("initial_bytes and dirty_bytes are 0."),
  "precopy-too-small": precopy(
    "initial_bytes and dirty_bytes are a sixteenth of the truth: reads give more than was left of them.",
  ),
  "precopy-too-large": precopy("initial_bytes and dirty_bytes are sixteen times the truth."),
  "precopy-stuck": precopy("initial_bytes and dirty_bytes are the first answer for ever."),
  "precopy-negative": precopy("initial_bytes is -EINVAL, stored as if it were a length."),
  "precopy-double": precopy("dirty_bytes counts what initial_bytes counts already."),
  "initial-growing": precopy("initial_bytes is 64 KiB more at every query, without REINIT."),
  "dirty-constant": precopy("dirty_bytes never falls below 1 MiB, whatever was read."),
  "garbage-flags": precopy(
    "Every flag is set that the kernel does not clear: all of them without MIG_PRECOPY_INFOv2, with it all but REINIT.",
  ),
  "reinit-first": precopy("REINIT in the first answer, when nothing was there to begin anew."),
  "reinit-empty": precopy("REINIT in the second answer, with initial_bytes 0."),
  "reinit-forever": precopy("REINIT in every answer."),
  "enomsg-forever": precopy("No read in PRE_COPY gives anything but ENOMSG."),
  "enomsg-at-stop": {
    description: "Every read in STOP_COPY gives ENOMSG, which the kernel forbids there.",
    sides: ["source"],
    v1: false,
    precopy: false,
    real: true,
  },
  "ends-early": {
    description: "The state ends after the first read in STOP_COPY (v1: the first buffer).",
    sides: ["source"],
    v1: true,
    precopy: false,
    real: false,
  },
  "surplus-at-end": {
    description: "After the state's end 4 KiB more come in STOP_COPY.",
    sides: ["source"],
    v1: false,
    precopy: false,
    real: false,
  },
  "state-unchanged": {
    description: "Setting a state succeeds and changes nothing.",
    sides: ["source", "destination"],
    v1: true,
    precopy: false,
    real: false,
  },
  "bytes-changed": {
    description:
      "One bit of the middle byte of every read, or write, is another than it should be.",
    sides: ["source", "destination"],
    v1: false,
    precopy: false,
    real: false,
    bytes: true,
  },
} as const satisfies Readonly<Record<string, Lie>>;

export type LieName = keyof typeof LIES;

/** Every lie's name. */
export const LIE_NAMES: readonly LieName[] = Object.keys(LIES).filter(isLieName);

/** Whether there is such a lie. */
export function isLieName(name: string): name is LieName {
  return Object.hasOwn(LIES, name);
}

/** What is to be known of a lie. */
export function lieOf(name: LieName): Lie {
  return LIES[name];
}
