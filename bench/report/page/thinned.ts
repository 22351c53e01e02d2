/**
 * Which values of a long list to draw, such that the line looks the same: the first, the last, and of every stretch in
 * between the smallest and the largest. All of them where there are no more than `points`.
 *
 * @returns Places in the list, ascending
 */
export function thinned(values: readonly number[], points: number): number[] {
  if (values.length <= points) return [...values.keys()];
  const stretches = Math.max(1, Math.floor((points - 2) / 2));
  const inner = values.length - 2;
  const kept = new Set([0, values.length - 1]);
  for (let i = 0; i < stretches; i++) {
    const from = 1 + Math.floor(i * inner / stretches);
    const to = 1 + Math.floor((i + 1) * inner / stretches);
    let low = from, high = from;
    for (let at = from; at < to; at++) {
      const value = values[at] ?? 0;
      if (value < (values[low] ?? 0)) low = at;
      if (value > (values[high] ?? 0)) high = at;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}
