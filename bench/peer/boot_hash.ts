import { createHash, randomBytes } from "node:crypto";
import { readLink, readText } from "../../core/libc/mod.ts";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const TIME_NAMESPACE = "/proc/self/ns/time";

/**
 * Says which boot of which machine this is, to whoever is on the same: two processes with the same hash go by the
 * same CLOCK_MONOTONIC. Nobody else learns anything of it, and in another session it is another.
 *
 * @param session The session's id, which both sides know
 */
export function bootHash(session: string): string {
  const boot = readText(BOOT_ID);
  const hash = createHash("sha256").update(`vfio-migbench boot\0${session}\0`);
  // Where the system does not say, it is like no other.
  if (typeof boot === "number") return hash.update(randomBytes(32)).digest("hex");
  // Processes of one boot may still have clocks of their own.
  const namespace = readLink(TIME_NAMESPACE);
  return hash.update(boot).update(typeof namespace === "string" ? namespace : "").digest("hex");
}
