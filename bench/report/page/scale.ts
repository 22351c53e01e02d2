/** Where a value stands on an axis, in per cent of its length; and the values that are marked. */
export interface Scale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number that is not below `max`. */
export function linearScale(max: number, tickCount = 5): Scale {
  const step = roundStep((max > 0 ? max : 1) / tickCount);
  const steps = Math.max(1, Math.ceil((max > 0 ? max : 1) / step - 1e-9));
  const end = steps * step;
  const ticks = Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  return { at: (value) => clamp(value / end * 100), ticks };
}

/** From a round number that is not above `min` to one that is not below `max`: for what hardly changes. */
export function rangeScale(min: number, max: number, tickCount = 4): Scale {
  const width = max > min ? max - min : Math.abs(max) || 1;
  const step = roundStep(width / tickCount);
  const low = Math.floor(min / step + 1e-9);
  const high = Math.max(low + 1, Math.ceil(max / step - 1e-9));
  const ticks = Array.from(
    { length: high - low + 1 },
    (_, i) => Number(((low + i) * step).toPrecision(12)),
  );
  return { at: (value) => clamp((value / step - low) / (high - low) * 100), ticks };
}

/** An axis of bytes whose numbers are round in the binary unit they are written in; `make` gives it in that unit. */
export function inBinaryUnit(max: number, make: (unit: number) => Scale): Scale {
  const unit = 1024 ** Math.floor(Math.log2(Math.max(1, max)) / 10);
  const { at, ticks } = make(unit);
  return { at: (value) => at(value / unit), ticks: ticks.map((tick) => tick * unit) };
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Logarithmic, over whole powers of `base`; what is not above 0 stands at the low end. */
export function logScale(min: number, max: number, base = 10, tickCount = 8): Scale {
  const log = (value: number) => Math.log(value) / Math.log(base);
  const low = Math.floor(log(min) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(log(max) - 1e-9));
  const every = Math.ceil((high - low) / tickCount);
  const ticks: number[] = [];
  for (let exponent = low; exponent <= high; exponent += every) ticks.push(base ** exponent);
  return {
    at: (value) => value > 0 ? clamp((log(value) - low) / (high - low) * 100) : 0,
    ticks,
  };
}

/**
 * Percentiles as HdrHistogram plots them: every further nine takes the same room. The 100th stands where
 * the last of `count` values does.
 */
export function percentileScale(count: number): Scale {
  const nines = Math.max(1, Math.log10(Math.max(1, count)));
  const all = [0, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999];
  const place = (percentile: number) =>
    percentile >= 100 ? nines : -Math.log10(1 - percentile / 100);
  return {
    at: (percentile) => clamp(place(percentile) / nines * 100),
    ticks: all.filter((percentile) => place(percentile) <= nines + 1e-9),
  };
}

/** Below this an error is drawn in proportion, above it by its logarithm. */
const ERROR_LINEAR_RATIO = 0.01;

/** Relative errors: -1 to the largest, logarithmic both ways from 0, of which it has no logarithm. */
export function errorScale(max: number): Scale {
  const place = (ratio: number) =>
    Math.sign(ratio) * Math.log10(1 + Math.abs(ratio) / ERROR_LINEAR_RATIO);
  const low = place(-1);
  const high = Math.max(place(1), place(max));
  const decades = Math.floor(Math.log10(Math.max(1, max)));
  const every = Math.max(1, Math.ceil(decades / 4));
  const ticks = [-1, -0.1, 0, 0.1, 1];
  for (let exponent = every; exponent <= decades; exponent += every) ticks.push(10 ** exponent);
  return { at: (ratio) => clamp((place(ratio) - low) / (high - low) * 100), ticks };
}

/** Within the axis, to a thousandth of a per cent: digits beyond that only cost room. */
function clamp(percent: number): number {
  return Math.round(Math.min(100, Math.max(0, percent)) * 1000) / 1000;
}
