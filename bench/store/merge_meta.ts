/**
 * Whether runs are the parts of one, and what that one's `run.json` is.
 *
 * @module
 */
import { RunError } from "./run_error.ts";
import type { RunMeta, ShardMeta } from "./run_schema.ts";

/** A run that is to be merged, and how it was named. */
export interface MergePart {
  readonly path: string;
  readonly meta: RunMeta;
}

/** A part that says which one it is. */
interface Part extends MergePart {
  readonly shard: ShardMeta;
}

/**
 * What the parts make together: the cases in the order of the whole, and their own times, from the first to the last.
 *
 * @param anyway Whether parts that are missing, not complete or not of one machine are merged all the same, with a
 * warning in the run; parts that overlap or are of different runs never are
 * @throws {RunError} in one line, that says what does not fit
 */
export function mergeMeta(given: readonly MergePart[], anyway: boolean): RunMeta {
  const parts = given.map(partOf).sort((a, b) => a.shard.index - b.shard.index);
  const [first] = parts;
  if (first === undefined) throw new RunError("Cannot merge no runs: name the parts of one");
  for (const part of parts.slice(1)) refuseOther(first, part);
  refuseOverlap(parts);
  const doubts = doubtsOf(parts);
  const [doubt] = doubts;
  if (doubt !== undefined && !anyway) {
    throw new RunError(`Cannot merge: ${doubt}; play what is missing, or take --anyway`);
  }
  const { shard: _, stop, resumed_at: __, ...common } = first.meta;
  const warnings = [
    ...parts.flatMap(({ meta }) => meta.warnings ?? []),
    ...doubts.map((text) => `Merged anyway: ${text}`),
  ];
  const ends = parts.flatMap(({ meta }) => meta.finished_at ?? []).sort();
  const cases = parts.flatMap(({ meta }) => meta.cases).sort((a, b) => a.index - b.index);
  return {
    ...common,
    complete: cases.length === first.shard.cases && parts.every(({ meta }) => meta.complete),
    started_at: parts.map(({ meta }) => meta.started_at).sort()[0] ?? first.meta.started_at,
    finished_at: ends.at(-1) ?? null,
    ...(stop === undefined ? {} : { stop }),
    ...(warnings.length === 0 ? {} : { warnings: [...new Set(warnings)] }),
    cases,
  };
}

function partOf({ path, meta }: MergePart): Part {
  const { shard } = meta;
  if (shard !== undefined) return { path, meta, shard };
  throw new RunError(
    `Cannot merge ${path}: it is no part of a run; parts are played with --shard 1/2, --shard 2/2`,
  );
}

/** Two parts of one run were asked for alike. */
function refuseOther(first: Part, part: Part): void {
  const differing = [
    ["how many parts there are", first.shard.count, part.shard.count],
    ["how many cases there are", first.shard.cases, part.shard.cases],
    ["the name", first.meta.name, part.meta.name],
    ["the seed", first.meta.seed, part.meta.seed],
    ["the precision", first.meta.stop, part.meta.stop],
    ["what is expected", first.meta.expect, part.meta.expect],
  ].find(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b));
  if (differing === undefined) return;
  throw new RunError(
    `Cannot merge ${first.path} and ${part.path}: they are of different runs, ${
      differing[0]
    } differs`,
  );
}

function refuseOverlap(parts: readonly Part[]): void {
  const owner = new Map<number, string>();
  for (const { path, meta } of parts) {
    for (const { index } of meta.cases) {
      const other = owner.get(index);
      if (other !== undefined) {
        throw new RunError(`Cannot merge ${other} and ${path}: both have case ${index}`);
      }
      owner.set(index, path);
    }
  }
  const seen = new Map<number, string>();
  for (const { path, shard } of parts) {
    const other = seen.get(shard.index);
    if (other !== undefined) {
      throw new RunError(
        `Cannot merge ${other} and ${path}: both are part ${shard.index} of ${shard.count}`,
      );
    }
    seen.set(shard.index, path);
  }
}

/** What need not keep parts from being merged, but makes less of what they say. */
function doubtsOf(parts: readonly Part[]): string[] {
  const doubts: string[] = [];
  const [first] = parts;
  const count = first?.shard.count ?? 0;
  const there = new Set(parts.map(({ shard }) => shard.index));
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((i) => !there.has(i));
  if (missing.length > 0) doubts.push(`part ${missing.join(", ")} of ${count} is missing`);
  const unfinished = parts.filter(({ meta }) => !meta.complete);
  if (unfinished.length > 0) {
    doubts.push(`${unfinished.map(({ path }) => path).join(", ")} is not complete`);
  }
  const wall = parts.filter(({ meta }) => meta.cases.some(({ clock }) => clock === "wall"));
  const machines = new Set(
    wall.map(({ meta }) => JSON.stringify(Object(meta.environment).comparable)),
  );
  if (machines.size > 1) {
    doubts.push(
      `the parts were played on ${machines.size} different machines, and cases of different ones say nothing of each other`,
    );
  }
  return doubts;
}
