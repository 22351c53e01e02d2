/** A normal number of mean 0 and sigma 1, by Box and Muller. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Log-normal numbers: what durations look like that are never negative and now and then long. */
export function logNormals(
  random: () => number,
  n: number,
  median: number,
  sigma: number,
): number[] {
  return Array.from({ length: n }, () => median * Math.exp(sigma * normal(random)));
}
