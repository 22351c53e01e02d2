/**
 * What a real QEMU decided, played again by our rules.
 * @module
 */
export { DecisionReplay, type ReplayDifference, type ReplayOptions } from "./replay.ts";
export type {
  PassAnswer,
  PassCache,
  PassDevice,
  PassQuery,
  PassWindow,
  TracedPass,
} from "./traced_pass.ts";
