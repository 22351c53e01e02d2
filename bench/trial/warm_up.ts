import { steadyFrom, type SteadyRule } from "../measure/mod.ts";

/**
 * The rule of `warmup: "auto"`: trials are played and not kept until the least squares line through the metric of
 * five in a row rises or falls by no more than 10 % of their mean. Trials share their Workers: what warms up is their
 * code, which V8 compiles as it runs, and the machine: caches, clock frequency, memory that the kernel has to hand.
 */
export const WARM_UP_RULE: SteadyRule = { window: 5, bound: 0.1 };

/** A case that is not steady after so many trials is measured as it is, with a warning. */
export const MOST_WARM_UPS = 20;

/** How far the warm-up of a case is. `undefined` is a trial that failed. */
export type WarmUp = "going on" | "steady" | "not steady";

/** @param values The metric of the warm-up trials so far, in order */
export function warmUpOf(values: readonly (number | undefined)[]): WarmUp {
  const measured = values.filter((value) => value !== undefined);
  if (measured.length >= WARM_UP_RULE.window) {
    if (steadyFrom(measured.slice(-WARM_UP_RULE.window), WARM_UP_RULE) !== undefined) {
      return "steady";
    }
  }
  // A case whose trials all fail has nothing that could become steady.
  if (measured.length === 0 && values.length >= WARM_UP_RULE.window) return "steady";
  return values.length >= MOST_WARM_UPS ? "not steady" : "going on";
}
