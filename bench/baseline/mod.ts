/**
 * The run that others are held against: setting it, and finding it.
 * @module
 */
export {
  type Baseline,
  baselineFolder,
  DEFAULT_BASELINE,
  readBaseline,
  setBaseline,
} from "./baseline.ts";
