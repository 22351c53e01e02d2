import { type HeapActivity, readGcLog } from "./gc_log.ts";
import type { TransferMemory } from "./judge.ts";
import type { OneTransfer } from "./one_transfer.ts";

/** A transfer that was played in a process of its own. */
export interface TransferRun {
  readonly transfer: OneTransfer;
  readonly heaps: HeapActivity;
}

/** A mebibyte is collected at a time, so that hardly anything that was allocated is in no line. */
const GC_FLAGS = "--v8-flags=--trace-gc-nvp,--min-semi-space-size=1,--max-semi-space-size=1";

/** How a transfer's process is started. */
export interface ProcessOptions {
  /** Another configuration than the project's own. */
  readonly config?: string;
  readonly signal?: AbortSignal;
}

/** Plays a scenario of one case in a process of its own, whose heaps are listened to. @throws {Error} where it fails */
export async function runTransfer(
  scenario: unknown,
  { config, signal }: ProcessOptions = {},
): Promise<TransferRun> {
  const script = new URL("./one_transfer.ts", import.meta.url).pathname;
  const file = await Deno.makeTempFile({ prefix: "vfio-migbench-" });
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        // Of /proc/self/status nothing less is enough.
        "--allow-all",
        ...(config === undefined ? [] : ["--config", config]),
        GC_FLAGS,
        script,
        JSON.stringify(scenario),
        file,
      ],
      stdout: "piped",
      stderr: "piped",
      ...(signal === undefined ? {} : { signal }),
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`Cannot play the transfer: ${text.decode(stderr)}`);
    const transfer = JSON.parse(await Deno.readTextFile(file));
    return { transfer, heaps: readGcLog(text.decode(stdout)) };
  } finally {
    await Deno.remove(file);
  }
}

/** What a run took, for the judge. */
export function memoryOf(buffers: number, { transfer, heaps }: TransferRun): TransferMemory {
  const { resident_bytes } = transfer;
  const fifth = Math.ceil(resident_bytes.length / 5);
  return {
    buffers,
    allocated_bytes: heaps.allocated_bytes,
    early_bytes: Math.max(...resident_bytes.slice(fifth, 2 * fifth)),
    late_bytes: Math.max(...resident_bytes.slice(-fifth)),
  };
}
