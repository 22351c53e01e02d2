/// <reference lib="deno.worker" />
/**
 * Plays virtual trials of a sweep, one after the other, and tells each as it ends.
 * @module
 */
import { sweepOne } from "./sweep_one.ts";
import type { SweptTrial } from "./tally.ts";

/** Which trials: `first`, and every `step`th from there up to `end`, without it. */
export interface SweepWork {
  readonly seed: number;
  readonly first: number;
  readonly end: number;
  readonly step: number;
}

/** A trial that begins, one that has ended, or that there are no more. */
export type SweepNews =
  | { readonly type: "begun"; readonly number: number }
  | { readonly type: "ended"; readonly trial: SweptTrial }
  | { readonly type: "over" };

self.onmessage = async ({ data }: MessageEvent<SweepWork>) => {
  const { seed, first, end, step } = data;
  for (let number = first; number < end; number += step) {
    tell({ type: "begun", number });
    tell({ type: "ended", trial: await sweepOne(seed, number, "virtual") });
  }
  tell({ type: "over" });
};

function tell(news: SweepNews): void {
  self.postMessage(news);
}
