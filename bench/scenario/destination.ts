/** Where a real device's state goes. */
export type Destination =
  | { readonly kind: "device"; readonly device: string }
  /** Nowhere; or to a file, which gets the raw bytes. Only the saving side is measured. */
  | { readonly kind: "sink"; readonly path: string | null };

const FILE = "file:";

/**
 * Reads what `--to` says of one device.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readDestination } from "./destination.ts";
 *
 * assertEquals(readDestination("null"), { kind: "sink", path: null });
 * assertEquals(readDestination("file:state.bin"), { kind: "sink", path: "state.bin" });
 * assertEquals(readDestination("vfio1"), { kind: "device", device: "vfio1" });
 * ```
 */
export function readDestination(text: string): Destination {
  if (text === "null") return { kind: "sink", path: null };
  if (text.startsWith(FILE)) return { kind: "sink", path: text.slice(FILE.length) };
  return { kind: "device", device: text };
}
