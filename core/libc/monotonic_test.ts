import { assertEquals, assertLess, assertLessOrEqual } from "@std/assert";
import { monotonicNs } from "./monotonic.ts";

Deno.test("monotonicNs never goes back, and goes on", () => {
  const first = monotonicNs();
  let last = first;
  let backwards = 0;
  for (let call = 0; call < 100_000; call++) {
    const now = monotonicNs();
    if (now < last) backwards += 1;
    last = now;
  }
  assertEquals(backwards, 0);
  assertLess(first, last);
});

Deno.test("monotonicNs lies between two looks at CLOCK_MONOTONIC itself", () => {
  const library = Deno.dlopen("libc.so.6", {
    clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  });
  function look(): number {
    const timespec = new BigInt64Array(2);
    assertEquals(library.symbols.clock_gettime(1, timespec), 0);
    const [seconds = 0n, nanoseconds = 0n] = timespec;
    return Number(seconds * 1_000_000_000n + nanoseconds);
  }
  const before = look();
  const now = monotonicNs();
  const after = look();
  library.close();
  assertLessOrEqual(before, now);
  assertLessOrEqual(now, after);
});

Deno.test("what two Workers and the main thread read can be put in one order", async () => {
  const workers = ["first", "second"].map((name) =>
    new Worker(new URL("./testdata/monotonic_worker.ts", import.meta.url), { type: "module", name })
  );
  const times = [monotonicNs()];
  for (const worker of [...workers, ...workers]) {
    times.push(await timeOf(worker), monotonicNs());
  }
  for (const worker of workers) worker.terminate();
  for (const [index, time] of times.entries()) {
    assertLessOrEqual(times[index - 1] ?? 0, time);
  }
});

function timeOf(worker: Worker): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
  worker.onerror = (event) => reject(event.error);
  worker.postMessage(null);
  return promise;
}
