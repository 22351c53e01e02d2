import { assertEquals, assertThrows } from "@std/assert";
import {
  awaitBell,
  bellCount,
  createRecordQueue,
  popRecord,
  pushRecord,
  ringBell,
} from "./record_queue.ts";

const record = () => ({ a: 0, b: 0, c: 0, d: 0 });

Deno.test("records come out in their order, through many rounds and the wrap of the counts", () => {
  const queue = createRecordQueue(4);
  // The head, the tail and the turns of the cells, all shortly before 2^31.
  const first = 2 ** 31 - 8;
  queue.words[0] = queue.words[32] = first;
  for (let i = 0; i < 4; i++) queue.words[96 + i * 8] = first + i;
  const out = record();
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 3; j++) assertEquals(pushRecord(queue, i, j, -i, i + j), true);
    for (let j = 0; j < 3; j++) {
      assertEquals(popRecord(queue, out), true);
      assertEquals(out, { a: i, b: j, c: 0 - i, d: i + j });
    }
    assertEquals(popRecord(queue, out), false);
  }
});

Deno.test("a full queue takes nothing until a record is out", () => {
  const queue = createRecordQueue(3);
  for (let i = 0; i < 4; i++) assertEquals(pushRecord(queue, i, 0, 0, 0), true);
  assertEquals(pushRecord(queue, 4, 0, 0, 0), false);
  assertEquals(popRecord(queue, record()), true);
  assertEquals(pushRecord(queue, 4, 0, 0, 0), true);
});

Deno.test("every record rings the bell, so that who looked before does not sleep", () => {
  const queue = createRecordQueue(2);
  const seen = bellCount(queue);
  pushRecord(queue, 0, 0, 0, 0);
  awaitBell(queue, seen, Infinity);
  assertEquals(bellCount(queue), seen + 1);
  ringBell(queue);
  assertEquals(bellCount(queue), seen + 2);
});

Deno.test("records of four threads reach one, each thread's in order", async () => {
  const queue = createRecordQueue(16);
  const count = 5000;
  const url = new URL("./testdata/record_producer.ts", import.meta.url);
  const producers = Array.from({ length: 4 }, () => new Worker(url, { type: "module" }));
  const done = producers.map((worker) =>
    new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
    })
  );
  for (const [producer, worker] of producers.entries()) {
    worker.postMessage({ queue, producer, count });
  }
  const next = [0, 0, 0, 0];
  const out = record();
  for (let left = 4 * count; left > 0;) {
    const seen = bellCount(queue);
    if (!popRecord(queue, out)) {
      awaitBell(queue, seen, 1000);
      continue;
    }
    assertEquals(out.b, next[out.a]);
    next[out.a] = out.b + 1;
    left--;
  }
  await Promise.all(done);
  for (const worker of producers) worker.terminate();
  assertEquals(next, [count, count, count, count]);
});

Deno.test("a queue without room, or with too much, is refused", () => {
  for (const capacity of [0, -1, 1.5, NaN, 2 ** 22 + 1]) {
    assertThrows(() => createRecordQueue(capacity), RangeError, "Cannot create a record queue");
  }
});
