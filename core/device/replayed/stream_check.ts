import { ERRNO, type Region, regionOf, sameBytes } from "../../libc/mod.ts";
import { giveBytes, type RecordedBytes } from "./recorded_bytes.ts";
import { CAME, DIFFERENCE, type StreamVerdict } from "./stream_verdict.ts";

/** Compares a stream with the recorded one as it comes; nothing of it is kept. */
export interface StreamCheck {
  readonly bytes: RecordedBytes;
  readonly scratch: Region;
  readonly verdict: StreamVerdict;
}

const SCRATCH = 256 * 1024;

export function createStreamCheck(bytes: RecordedBytes, verdict: StreamVerdict): StreamCheck {
  return { bytes, scratch: regionOf(new ArrayBuffer(SCRATCH)), verdict };
}

/** Takes the stream's next `length` bytes from the region at `offset`. Returns how many, or a negative errno. */
export function checkStream(
  { bytes, scratch, verdict }: StreamCheck,
  region: Region,
  offset: number,
  length: number,
): number {
  for (let done = 0; done < length;) {
    const start = bytes.position;
    const n = giveBytes(bytes, scratch, Math.min(SCRATCH, length - done));
    if (n <= 0) return done > 0 ? done : n < 0 ? n : -ERRNO.EIO;
    const at = offset + done;
    if (verdict[DIFFERENCE] === -1 && !sameBytes(region.address + at, scratch.address, n)) {
      let i = 0;
      while (region.bytes[at + i] === scratch.bytes[i]) i++;
      verdict[DIFFERENCE] = start + i;
    }
    verdict[CAME] = bytes.position;
    done += n;
  }
  return length;
}
