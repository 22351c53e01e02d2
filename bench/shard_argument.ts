import type { Shard } from "./run_suite.ts";
import { UsageError } from "./usage_error.ts";

/** No scheduler spreads more. */
const MOST_SHARDS = 4096;

/**
 * Reads `--shard 2/8`: the second of eight parts.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseShard } from "./shard_argument.ts";
 *
 * assertEquals(parseShard("2/8"), { index: 2, count: 8 });
 * ```
 *
 * @throws {UsageError} in one line
 */
export function parseShard(text: string): Shard {
  const [, indexText, countText] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  const [index, count] = [Number(indexText), Number(countText)];
  if (index >= 1 && index <= count && count <= MOST_SHARDS) return { index, count };
  throw new UsageError(
    `Cannot take --shard ${text}: expected which part of how many, such as 2/8, with at most ${MOST_SHARDS} parts`,
  );
}
