/**
 * What a destination knows of the stream it was given, shared by every thread: how many bytes came, and where
 * the first of them was that is not the recording's; -1 while there is none.
 */
export type StreamVerdict = Float64Array<SharedArrayBuffer>;

/** Where in a verdict the two are. */
export const CAME = 0;
export const DIFFERENCE = 1;

export function createVerdict(): StreamVerdict {
  const verdict = new Float64Array(new SharedArrayBuffer(16));
  resetVerdict(verdict);
  return verdict;
}

export function resetVerdict(verdict: StreamVerdict): void {
  verdict[CAME] = 0;
  verdict[DIFFERENCE] = -1;
}

/** -1 where all `length` bytes came and are the recording's; else the first that is missing or another. */
export function differenceOf(verdict: StreamVerdict, length: number): number {
  const [came = 0, difference = -1] = verdict;
  return difference >= 0 ? difference : came === length ? -1 : Math.min(came, length);
}
