/** How many times are kept at most. */
const MOST = 4096;

/**
 * When each section of a stream was written, or read: every one of a short stream, every 2^n-th of a long
 * one, so that two ends of one stream keep the same ones and memory stays as it is.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SectionTimes } from "./section_times.ts";
 *
 * const times = new SectionTimes();
 * for (let i = 0; i < 10_000; i++) times.add(i * 10);
 * assertEquals([times.count, times.stride, times.get(4), times.get(3)], [10_000, 4, 40, undefined]);
 * ```
 */
export class SectionTimes {
  count = 0;
  stride = 1;
  #times: (number | null)[] = [];

  add(us: number | null): void {
    if (this.count % this.stride === 0) {
      if (this.#times.length === MOST) {
        this.#times = this.#times.filter((_, at) => at % 2 === 0);
        this.stride *= 2;
      }
      if (this.count % this.stride === 0) this.#times.push(us);
    }
    this.count++;
  }

  /** Of the so-manieth section, from 0; undefined where it is not kept. */
  get(number: number): number | null | undefined {
    return number % this.stride === 0 ? this.#times[number / this.stride] : undefined;
  }
}
