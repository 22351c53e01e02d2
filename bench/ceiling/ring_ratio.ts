/**
 * How close the ring comes to the C twin on this machine: pairs of one trial each, in turn, and the ratio
 * of their throughputs.
 *
 *     deno task ceiling [BUFFER_SIZE] [PAIRS]
 *
 * @module
 */
import { ringSlotsFor } from "../../core/channel/mod.ts";
import { summarize } from "../measure/mod.ts";
import { parseSize, ScenarioSchema } from "../scenario/mod.ts";
import { expandCases, formatSize } from "../scenario/mod.ts";
import { runWallTrial } from "../trial/mod.ts";
import { buildTwin, runTwin } from "./build_twin.ts";

const BYTES = 1024 * 1024 * 1024;
const WARMUP_PAIRS = 1;

const [sizeText = "1MiB", pairsText = "15"] = Deno.args;
const bufferSize = parseSize(sizeText);
const pairs = Number(pairsText);
if (bufferSize === undefined || !(pairs >= 1)) {
  console.error(
    `Cannot compare at a buffer size of ${sizeText} over ${pairsText} pairs: try 1MiB 15`,
  );
  Deno.exit(2);
}
const twin = await buildTwin();
if ("unavailable" in twin) {
  console.error(twin.unavailable);
  Deno.exit(3);
}

const [one] = expandCases(ScenarioSchema.parse({
  name: "ceiling",
  question: "How fast is the ring?",
  params: { buffer_size: bufferSize, channel: "ring", precopy: false },
  devices: [{ id: "nic0", profile: "generic", state_size: BYTES }],
}));
if (one === undefined) throw new Error("Cannot expand a scenario of one case: received none");

const ratios: number[] = [];
for (let pair = -WARMUP_PAIRS; pair < pairs; pair++) {
  const { record } = await runWallTrial(
    one,
    { caseNumber: 0, trial: pair, seed: 1 },
    new AbortController().signal,
  );
  const ours = record.metrics.throughput_stopcopy_bytes_per_s;
  if (ours === undefined) throw new Error(record.error?.message ?? "The trial has no throughput");
  const slots = ringSlotsFor(bufferSize);
  const { bytes_per_s } = await runTwin(twin.path, { bufferSize, slots, bytes: BYTES });
  if (pair < 0) continue;
  ratios.push(ours / bytes_per_s);
  console.error(
    `${pair + 1}/${pairs}: ours ${formatSize(ours)}/s, twin ${formatSize(bytes_per_s)}/s`,
  );
}
const { median, ci95, p25, p75 } = summarize(ratios);
console.log(JSON.stringify({
  channel: "ring",
  buffer_size: bufferSize,
  against: "c-twin",
  ratio: median,
  ci95,
  p25,
  p75,
  pairs,
}));
