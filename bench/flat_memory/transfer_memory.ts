/**
 * What memory a transfer takes, whatever its size: a small device that its guest dirties again and again, so that
 * many times its state moves, on the wall clock, verified byte for byte.
 *
 *     deno task transfer-memory [--size 1GiB --size 16GiB] [--channel ring] [--buffer 1MiB] [--json]
 *
 * @module
 */
import { EXIT } from "../exit_code.ts";
import { parseFlags } from "../parse_flags.ts";
import { formatMs, formatSize, MIB, parseSize } from "../scenario/units.ts";
import { UsageError } from "../usage_error.ts";
import { dirtiedDevice } from "./flat_scenario.ts";
import { runTransfer, type TransferRun } from "./transfer_process.ts";

/** Beyond this the larger transfer takes more: the collector's moods are less. */
export const ALLOWED_BYTES = 32 * MIB;

const HELP = `deno task transfer-memory [FLAGS]

Moves so many bytes of a device of 64 MiB, which its guest dirties again and again, and says how much memory that took.

  --size SIZE      how much to move, at least; may be given again (1GiB and 16GiB)
  --channel NAME   ring, unix, tcp or file (ring)
  --buffer SIZE    the buffers' size (1MiB)
  --json           one JSON document on stdout

Exit: 0 the largest takes no more than ${
  formatSize(ALLOWED_BYTES)
} beyond the smallest, 1 it does, 2 usage error.`;

/** A trial of this long says how fast it goes here. */
const PROBE_MS = 300;
/** What a transfer of a size took, in bytes. */
export interface SizeMemory {
  readonly asked_bytes: number;
  readonly moved_bytes: number;
  readonly total_time_ms: number;
  readonly peak_bytes: number;
}

/** Moves at least so many bytes, as fast as it goes. @throws {Error} where the state did not arrive */
export async function moveAtLeast(
  channel: string,
  buffer_size: number,
  bytes: number,
): Promise<TransferRun> {
  let precopy_ms = PROBE_MS;
  for (;;) {
    const run = await runTransfer(dirtiedDevice(channel, buffer_size, precopy_ms));
    const { error, state_verified, bytes_total } = run.transfer;
    if (error !== null || !state_verified) {
      throw new Error(
        `Cannot say what memory a transfer takes: ${error ?? "the state was not verified"}`,
      );
    }
    if (bytes_total >= bytes) return run;
    precopy_ms = Math.ceil(precopy_ms * Math.max(1.2, 1.2 * bytes / bytes_total));
  }
}

/** How much more the largest took than the smallest, in bytes. */
export function grownBytes(sizes: readonly SizeMemory[]): number {
  const sorted = sizes.toSorted((a, b) => a.moved_bytes - b.moved_bytes);
  return (sorted.at(-1)?.peak_bytes ?? NaN) - (sorted[0]?.peak_bytes ?? NaN);
}

function sizeOf(flag: string, text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`Cannot take --${flag} ${text}: expected a size, such as 16GiB`);
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, {
    texts: ["channel", "buffer"],
    lists: ["size"],
    switches: ["json"],
  });
  if (flags.help) {
    console.log(HELP);
    return EXIT.FINE;
  }
  const texts = flags.list("size").length > 0 ? flags.list("size") : ["1GiB", "16GiB"];
  const channel = flags.text("channel") ?? "ring";
  const buffer_size = sizeOf("buffer", flags.text("buffer") ?? "1MiB");
  const sizes: SizeMemory[] = [];
  for (const text of texts) {
    const bytes = sizeOf("size", text);
    const { bytes_total, total_time_ms, peak_bytes } =
      (await moveAtLeast(channel, buffer_size, bytes)).transfer;
    const one = { asked_bytes: bytes, moved_bytes: bytes_total, total_time_ms, peak_bytes };
    sizes.push(one);
    console.error(
      `${channel}: ${formatSize(one.moved_bytes)} in ${formatMs(one.total_time_ms)}, at most ${
        formatSize(one.peak_bytes)
      } of memory`,
    );
  }
  const grown_bytes = grownBytes(sizes);
  if (flags.has("json")) console.log(JSON.stringify({ channel, buffer_size, sizes, grown_bytes }));
  else console.log(`The largest took ${formatSize(grown_bytes)} more than the smallest.`);
  return grown_bytes <= ALLOWED_BYTES ? EXIT.FINE : EXIT.REGRESSED;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(EXIT.USAGE);
  }
}
