import type { TracedWindow } from "./migration.ts";

/** Half an hour of windows, one by one. */
const MOST = 16_384;

/**
 * The windows of a migration. Of a long one each stands for 2^n in a row, so that memory does not grow with it: what was
 * transferred in them is added up, threshold and pending are the last one's.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { WindowList } from "./window_list.ts";
 *
 * const windows = new WindowList(2);
 * for (let i = 1; i <= 4; i++) {
 *   windows.add({ at_us: i, transferred_bytes: 10, time_spent_ms: 100, threshold_bytes: i, pending_bytes: 0 });
 * }
 * const [first] = windows.list();
 * assertEquals([windows.count, windows.list().length], [4, 2]);
 * assertEquals([first?.transferred_bytes, first?.threshold_bytes], [20, 2]);
 * ```
 */
export class WindowList {
  count = 0;
  /** How many windows one entry stands for. */
  #stride = 1;
  #whole: TracedWindow[] = [];
  #open: TracedWindow | null = null;
  #inOpen = 0;

  constructor(readonly most = MOST) {}

  add(window: TracedWindow): void {
    this.count++;
    this.#open = this.#open === null ? window : merged(this.#open, window);
    if (++this.#inOpen < this.#stride) return;
    if (this.#whole.length === this.most) this.#halve();
    // After halving, what was whole is half of the new stride.
    if (this.#inOpen < this.#stride) return;
    this.#whole.push(this.#open);
    this.#open = null;
    this.#inOpen = 0;
  }

  list(): readonly TracedWindow[] {
    return this.#open === null ? this.#whole : [...this.#whole, this.#open];
  }

  #halve(): void {
    const halved: TracedWindow[] = [];
    for (let i = 0; i + 1 < this.#whole.length; i += 2) {
      const [a, b] = [this.#whole[i], this.#whole[i + 1]];
      if (a !== undefined && b !== undefined) halved.push(merged(a, b));
    }
    this.#whole = halved;
    this.#stride *= 2;
  }
}

function merged(a: TracedWindow, b: TracedWindow): TracedWindow {
  return {
    ...b,
    transferred_bytes: a.transferred_bytes + b.transferred_bytes,
    time_spent_ms: a.time_spent_ms + b.time_spent_ms,
  };
}
