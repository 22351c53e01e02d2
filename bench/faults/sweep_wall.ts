import { sweepOne } from "./sweep_one.ts";
import type { SweptTrial } from "./tally.ts";
import { settledTraces, tracesLeft } from "./traces_left.ts";

/**
 * Plays wall-clock trials one after the other, in this process, and looks after each what is left of it. A file that a
 * trial leaves stands in a folder of its own.
 *
 * @param first The first trial's number
 * @param onTrial Is given each trial as it ends
 */
export async function sweepWall(
  seed: number,
  first: number,
  count: number,
  onTrial: (trial: SweptTrial) => void,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "vfio-migbench-sweep-" });
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder);
  try {
    // What the runtime opens once is open from here on.
    await sweepOne(seed, first, "wall");
    let traces = await settledTraces(folder);
    for (let number = first; number < first + count; number++) {
      const trial = await sweepOne(seed, number, "wall");
      const left = await tracesLeft(traces, folder);
      onTrial({ ...trial, violations: [...trial.violations, ...left] });
      // What one trial left is not the next one's.
      if (left.length > 0) traces = await settledTraces(folder);
    }
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    Deno.removeSync(folder, { recursive: true });
  }
}
