import { formatSize } from "../scenario/mod.ts";

/** A size, rounded to a tenth of its unit. */
export function bytesText(bytes: number): string {
  return formatSize(Math.round(bytes));
}

/** Milliseconds to three digits. */
export function msText(value_ms: number): string {
  return `${threeDigits(value_ms)} ms`;
}

/** A plain number: whole from 1000 on, three digits below. */
export function numberText(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : threeDigits(value);
}

/** A relative error: `+61.1 %`, `-13.5 %`, `+8.6e+11 %`. */
export function percentText(ratio: number): string {
  const percent = ratio * 100;
  const sign = percent < 0 ? "-" : "+";
  const size = Math.abs(percent);
  return size >= 1e6 ? `${sign}${size.toExponential(1)} %` : `${sign}${threeDigits(size)} %`;
}

/** Three significant digits, without an exponent and with at most three decimals. */
export function threeDigits(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 3));
}
