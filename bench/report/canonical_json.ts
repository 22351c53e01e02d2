/** With its keys in alphabetical order, so that the order in which a file has them does not matter. */
export function canonicalJson(entries: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify(entries.toSorted(([a], [b]) => a < b ? -1 : 1));
}
