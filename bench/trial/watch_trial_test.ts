import { assertEquals } from "@std/assert";
import { ERRNO } from "../../core/libc/mod.ts";
import { type TrialWatch, watchTrial } from "./watch_trial.ts";

/** Resolves with the errno that the channels are broken with; the test's own end where they never are. */
function watched(
  { limit_ms = 60_000, cancelsItself = false, signal = new AbortController().signal },
): { watch: TrialWatch; broken: Promise<number>; cancel: SharedArrayBuffer } {
  const cancel = new SharedArrayBuffer(4);
  const { promise: broken, resolve } = Promise.withResolvers<number>();
  const watch = watchTrial({
    limit_ms,
    breakChannels: resolve,
    giveUp() {},
    cancel,
    cancelsItself,
    signal,
  });
  return { watch, broken, cancel };
}

Deno.test("a trial over its limit has its channel broken, and it is known that it was", async () => {
  const { watch, broken } = watched({ limit_ms: 5 });
  watch.begin();
  assertEquals(watch.endedAfter_ms(), null);
  assertEquals(await broken, ERRNO.ETIMEDOUT);
  assertEquals(watch.endedAfter_ms(), 5);
  watch.stop();
});

Deno.test("a user who cancels is heard by the source, and the channel broken a while later", async () => {
  const interrupt = new AbortController();
  const { watch, broken, cancel } = watched({ signal: interrupt.signal });
  interrupt.abort();
  assertEquals(new Int32Array(cancel)[0], 1);
  assertEquals(await broken, ERRNO.ECANCELED);
  assertEquals(watch.endedAfter_ms(), null);
  watch.stop();
});

Deno.test("a source that finds itself cancelled has its channel broken too", async () => {
  const { watch, broken, cancel } = watched({ cancelsItself: true });
  Atomics.store(new Int32Array(cancel), 0, 1);
  assertEquals(await broken, ERRNO.ECANCELED);
  watch.stop();
});
