import type { Imported } from "../../import/mod.ts";

/** What the import made of two real migrations of a synthetic device with 64 MiB, under software emulation. */
export function importedCapture(name: "6-migpci64-ack-dirty" | "11-migpci64-reinit"): Imported {
  return JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, import.meta.url)));
}
