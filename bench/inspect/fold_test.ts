import { assertEquals } from "@std/assert";
import type { Entry } from "./entry.ts";
import { createFold, finishFold, foldEntry } from "./fold.ts";

function part(id: number, offset: number, ...kinds: string[]): Entry {
  const records = kinds.map((kind) =>
    kind === "DATA"
      ? { kind, count: 1, data_bytes: offset, min_bytes: offset, max_bytes: offset }
      : { kind, count: 1 }
  );
  return { kind: "PART", offset_bytes: offset, count: 1, length_bytes: 10, id, records };
}

/** Folds, and says of each entry: id, records, count. */
function folded(entries: readonly Entry[]): string[] {
  const fold = createFold();
  const out = entries.flatMap((entry) => foldEntry(fold, entry));
  return [...out, ...finishFold(fold)].map(({ kind, id, records, count }) =>
    `${kind === "PART" ? id : kind} ${records?.map((run) => run.kind).join("+") ?? ""} x${count}`
  );
}

const eos = (id: number, times: number): Entry[] =>
  Array.from({ length: times }, (_, i) => part(id, i, "EOS"));

Deno.test("entries that are alike become one", () => {
  assertEquals(folded([...eos(1, 5), ...eos(2, 3)]), ["1 EOS x5", "2 EOS x3"]);
  assertEquals(folded([]), []);
});

Deno.test("rounds of several become one of each, in order, also if the last is not whole", () => {
  const round = (i: number) => [part(1, i, "EOS"), part(2, i, "DATA", "EOS"), part(3, i, "EOS")];
  const entries = [...round(0), ...round(1), ...round(2), part(1, 9, "EOS")];
  assertEquals(folded(entries), ["1 EOS x4", "2 DATA+EOS x3", "3 EOS x3"]);
});

Deno.test("what differs begins anew, so that the order stays to be seen", () => {
  const entries = [
    part(1, 0, "EOS"),
    part(2, 0, "DATA", "EOS"),
    part(1, 1, "EOS"),
    part(2, 1, "DATA", "INIT"),
    part(1, 2, "EOS"),
    part(2, 2, "EOS"),
    part(1, 3, "EOS"),
    part(2, 3, "EOS"),
  ];
  assertEquals(folded(entries), [
    "1 EOS x2",
    "2 DATA+EOS x1",
    "2 DATA+INIT x1",
    "1 EOS x2",
    "2 EOS x2",
  ]);
});

Deno.test("only passes are folded", () => {
  const full: Entry = { kind: "FULL", offset_bytes: 0, count: 1, length_bytes: 9, id: 1 };
  assertEquals(folded([full, full, ...eos(1, 2), full]), [
    "FULL  x1",
    "FULL  x1",
    "1 EOS x2",
    "FULL  x1",
  ]);
});

Deno.test("what is held back is bounded, however long nothing repeats", () => {
  const fold = createFold();
  let out = 0;
  for (let id = 0; id < 10_000; id++) {
    out += foldEntry(fold, part(id, 0, "EOS")).length;
    assertEquals(fold.round.length <= 64, true);
  }
  assertEquals(out + finishFold(fold).length, 10_000);
});

Deno.test("sizes add up", () => {
  const fold = createFold();
  for (const size of [7, 3, 5]) foldEntry(fold, part(1, size, "DATA", "EOS"));
  const [entry] = finishFold(fold);
  assertEquals(entry?.length_bytes, 30);
  assertEquals(entry?.offset_bytes, 7);
  assertEquals(entry?.records, [
    { kind: "DATA", count: 3, data_bytes: 15, min_bytes: 3, max_bytes: 7 },
    { kind: "EOS", count: 3 },
  ]);
});
