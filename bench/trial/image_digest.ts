/** What stands for an image where its bytes are not at hand to be compared: another one has another digest. */
export interface ImageDigest {
  /** In bytes. */
  readonly length: number;
  /** Of all its bytes, in hex. */
  readonly sha256: string;
}

/** The index of the first image that is not the other side's; null where all are the same. */
export function firstOtherDigest(
  ours: readonly ImageDigest[],
  theirs: readonly ImageDigest[],
): number | null {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [own, other] = [ours[i], theirs[i]];
    if (own === undefined || other === undefined) return i;
    if (own.length !== other.length || own.sha256 !== other.sha256) return i;
  }
  return null;
}
