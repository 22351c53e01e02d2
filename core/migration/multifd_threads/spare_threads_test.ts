import { assertEquals, assertStrictEquals } from "@std/assert";
import { createSpareThreads, renewing, type ThreadSet } from "./spare_threads.ts";
import type { Thread } from "./threads.ts";

interface Counted {
  readonly set: ThreadSet<string>;
  /** What happened to it. */
  readonly told: string[];
}

function counted(name: string, count = 1): Counted {
  const told: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port2.close();
  const thread: Thread = {
    worker: { end: () => void told.push("ended") },
    port: port1,
    results: new Int32Array(new SharedArrayBuffer(4)),
    device: null,
    isRunning: false,
    result: { failure: null, bytes: 1 } as Thread["result"],
    broken: null,
  };
  return {
    told,
    set: {
      shared: name,
      threads: Array(count).fill(thread),
      renew: () => void told.push("renewed"),
    },
  };
}

Deno.test("threads of the shape that is wanted are as new, and there for one", () => {
  const spare = createSpareThreads<string>();
  assertEquals(spare.take("two"), null);
  const { set, told } = counted("a");
  spare.keep("two", set);
  assertStrictEquals(spare.take("two"), set);
  assertEquals([told, set.threads[0]?.result], [["renewed"], null]);
  assertEquals(spare.take("two"), null);
});

Deno.test("threads of another shape end, and so do those that others come after", () => {
  const spare = createSpareThreads<string>();
  const [first, second] = [counted("a"), counted("b")];
  spare.keep("two", first.set);
  spare.keep("two", second.set);
  assertEquals([first.told, second.told], [["ended"], []]);
  assertEquals(spare.take("three"), null);
  assertEquals(second.told, ["ended"]);
  assertEquals(spare.take("two"), null);
});

Deno.test("of many threads none is kept", () => {
  const spare = createSpareThreads<string>();
  const [most, more] = [counted("a", 16), counted("b", 17)];
  spare.keep("many", more.set);
  assertEquals([more.told.length, spare.take("many")], [17, null]);
  spare.keep("many", most.set);
  assertStrictEquals(spare.take("many"), most.set);
});

Deno.test("words are again what they were", () => {
  const words = [
    Int32Array.of(1, 0, -1),
    Int32Array.of(),
    new Int32Array(new SharedArrayBuffer(8)),
  ];
  const renew = renewing(words);
  for (let round = 0; round < 2; round++) {
    words[0]?.fill(9);
    words[2]?.fill(9);
    renew();
    assertEquals(words.map((one) => [...one]), [[1, 0, -1], [], [0, 0]]);
  }
});
