/**
 * How often comparisons raise a false alarm on this machine, and how often they find a slowdown of known size.
 * @module
 */
export {
  compareOnce,
  type Outcome,
  type Play,
  type Rule,
  SIDE,
  sidesOf,
} from "./one_comparison.ts";
export { keepOutcome, readOutcomes } from "./outcome_file.ts";
export { simulatedPlay } from "./simulated_play.ts";
export {
  type Kept,
  type Kind,
  KINDS,
  type Setup,
  type Tally,
  tallyOf,
  tallyText,
} from "./tally.ts";
