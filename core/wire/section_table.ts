import { RAM_IDSTR, RAM_VERSION } from "./ram_record.ts";
import { VFIO_SUFFIX, VFIO_VERSION } from "./vfio_record.ts";

/** How the payload of a section is to be read. */
export const PAYLOAD_KIND = {
  /** Records of a VFIO device. */
  VFIO: 1,
  /** Our RAM. */
  OWN_RAM: 2,
  /** QEMU's RAM. */
  QEMU_RAM: 3,
  /** Anything else: it is skipped. */
  OTHER: 4,
} as const;

/** A section as its START or FULL declared it. */
export interface Section {
  readonly id: number;
  readonly idstr: string;
  readonly instance: number;
  readonly version: number;
  /** One of {@linkcode PAYLOAD_KIND}. */
  readonly kind: number;
}

/** QEMU's RAM section has had this version since 2009. */
const QEMU_RAM_IDSTR = "ram";
const QEMU_RAM_VERSION = 4;

/** How the payload of a section with this name is to be read: one of {@linkcode PAYLOAD_KIND}. */
export function payloadKind(idstr: string, version: number): number {
  if (idstr.endsWith(VFIO_SUFFIX) && version === VFIO_VERSION) return PAYLOAD_KIND.VFIO;
  if (idstr === RAM_IDSTR && version === RAM_VERSION) return PAYLOAD_KIND.OWN_RAM;
  if (idstr === QEMU_RAM_IDSTR && version === QEMU_RAM_VERSION) return PAYLOAD_KIND.QEMU_RAM;
  return PAYLOAD_KIND.OTHER;
}

/** The key of a section in a table of sizes; see `DecoderOptions.sizes`. */
export function sizeKey(idstr: string, instance: number): string {
  return `${instance} ${idstr}`;
}
