/// <reference lib="deno.worker" />
/**
 * The Worker of `count_cost.ts`: loads what its name says, says so, and counts what it is sent.
 *
 * @module
 */
import type { CountKind } from "./count_cost.ts";

type Count = (ns: number) => void;

const HDR_OPTIONS = {
  bitBucketSize: 32,
  autoResize: true,
  highestTrackableValue: 3_600_000_000_000,
  numberOfSignificantValueDigits: 3,
} as const;

/** Each loads only what it needs itself. */
const MAKE: Readonly<Record<CountKind, () => Promise<Count>>> = {
  nothing: () => Promise.resolve(() => {}),
  counts: async () => {
    const { countNs, createCounts } = await import("./duration_counts.ts");
    const counts = createCounts();
    return (ns) => countNs(counts, ns);
  },
  js: async () => {
    const { build } = await import("hdr-histogram-js");
    const histogram = build(HDR_OPTIONS);
    return (ns) => histogram.recordValue(ns);
  },
  wasm: async () => {
    const { build, initWebAssembly } = await import("hdr-histogram-js");
    await initWebAssembly();
    const histogram = build({ ...HDR_OPTIONS, useWebAssembly: true });
    return (ns) => histogram.recordValue(ns);
  },
};

const kind = self.name;
if (!isKind(kind)) throw new TypeError(`Cannot count with ${kind}`);
const count = await MAKE[kind]();

self.onmessage = ({ data }: MessageEvent<Float64Array>) => {
  const half = data.length / 2;
  for (const ns of data.subarray(0, half)) count(ns);
  const began = performance.now();
  for (const ns of data.subarray(half)) count(ns);
  self.postMessage((performance.now() - began) * 1e6 / half);
  self.close();
};
self.postMessage("ready");

function isKind(text: string): text is CountKind {
  return Object.hasOwn(MAKE, text);
}
