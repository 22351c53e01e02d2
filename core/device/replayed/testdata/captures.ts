/** The recorded sessions of `core/device/testdata`. */
export const CAPTURES = ["mtty-10", "mtty-4096", "migdev4-64K-dirty"] as const;

export function capturePath(name: (typeof CAPTURES)[number]): string {
  return decodeURIComponent(new URL(`../../testdata/${name}.jsonl`, import.meta.url).pathname);
}
