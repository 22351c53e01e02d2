/**
 * What counting a duration costs, and what it costs a Worker to be able to: our counts (`duration_counts.ts`) against
 * hdr-histogram-js, in JavaScript and in WASM. Each round has a Worker of its own for each, as trials have, in turn.
 *
 *     deno run -A bench/measure/count_cost.ts [ROUNDS]
 *
 * @module
 */
import { createRandom } from "../random.ts";
import { quantile } from "./quantile.ts";

/** What counts; `nothing` is the Worker alone. */
export type CountKind = "nothing" | "counts" | "js" | "wasm";

const KINDS: readonly CountKind[] = ["nothing", "counts", "js", "wasm"];

/** So many values, of which the first half is not timed: it is what the compiler learns from. */
const VALUES = 400_000;

interface Round {
  /** Until the Worker can count. */
  readonly start_ms: number;
  readonly value_ns: number;
}

/** As reads and writes of buffers take: from 10 us on, a few a thousand times as long. */
function durations(): Float64Array {
  const random = createRandom(1);
  return Float64Array.from({ length: VALUES }, () => Math.round(1e4 * 10 ** (3 * random() ** 4)));
}

async function playRound(kind: CountKind, values: Float64Array): Promise<Round> {
  const began = performance.now();
  const worker = new Worker(new URL("./count_cost_worker.ts", import.meta.url), {
    type: "module",
    name: kind,
  });
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  await next();
  const start_ms = performance.now() - began;
  const counted = next();
  worker.postMessage(values);
  return { start_ms, value_ns: Number(await counted) };
}

function median(values: readonly number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5);
}

if (import.meta.main) {
  const [rounds = 15] = Deno.args.map(Number);
  const values = durations();
  const played = new Map(KINDS.map((kind) => [kind, new Array<Round>()]));
  // The first round fills caches that all of them share, and is left out.
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? KINDS : KINDS.toReversed();
    for (const kind of order) {
      const one = await playRound(kind, values);
      if (round > 0) played.get(kind)?.push(one);
    }
  }
  const of = (kind: CountKind, key: keyof Round) =>
    median((played.get(kind) ?? []).map((one) => one[key]));
  const bare_ms = of("nothing", "start_ms");
  const ours_ns = of("counts", "value_ns");
  const rows = KINDS.slice(1).map((kind) => ({
    kind,
    start_ms_more_than_a_bare_worker: Number((of(kind, "start_ms") - bare_ms).toFixed(1)),
    value_ns: Number(of(kind, "value_ns").toFixed(1)),
    value_to_ours: Number((of(kind, "value_ns") / ours_ns).toFixed(2)),
  }));
  console.log(JSON.stringify({ rounds, bare_worker_ms: Number(bare_ms.toFixed(1)) }));
  for (const row of rows) console.log(JSON.stringify(row));
}
