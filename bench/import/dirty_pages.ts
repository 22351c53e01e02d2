/** QEMU counts pages of the target's smallest size; 4 KiB on x86-64, which is what the captures are of. */
const PAGE_BYTES = 4096;

/**
 * What each bitmap sync found, told from QEMU's count of dirty pages, which starts anew after a second:
 *
 *     sync_end dirty_pages   0   256   300 | 44   44        (the period ends at |)
 *     found                  0   256    44 |  .    0
 */
export class DirtyPages {
  #startMs: number | undefined = undefined;
  #pages = 0;
  /** Syncs that began. */
  syncs = 0;
  /** Syncs that ended. */
  ended = 0;
  /** What the last sync found. */
  foundBytes = 0;
  /** What all of them found. */
  totalBytes = 0;
  /** Pages per second, where the last sync ended a period of which that is known. */
  rate: number | undefined = undefined;

  syncStart(us: number | null): void {
    this.syncs++;
    if (us !== null) this.#startMs ??= Math.floor(us / 1000);
  }

  syncEnd(us: number | null, pages: number): void {
    this.ended++;
    this.foundBytes = (pages - this.#pages) * PAGE_BYTES;
    this.totalBytes += this.foundBytes;
    // Without times a count that falls is all that tells of a new period.
    const nowMs = us === null ? 0 : Math.floor(us / 1000);
    const ms = us === null ? 0 : nowMs - (this.#startMs ?? nowMs);
    const ends = ms > 1000;
    this.rate = ends ? Math.trunc(pages * 1000 / ms) : undefined;
    this.#pages = ends ? 0 : pages;
    if (ends) this.#startMs = nowMs;
  }
}
