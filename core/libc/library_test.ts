import { assertEquals } from "@std/assert";
import { ERRNO } from "./errno.ts";
import { libcSupportFor } from "./support.ts";
import { pointerOf } from "./pointer.ts";
import type { ErrnoRequest } from "./testdata/errno_worker.ts";
import type { ImportReport } from "./testdata/import_only.ts";
import { run } from "./testdata/run.ts";
import { read } from "./transfer.ts";

Deno.test("importing the folder needs no permission and gives the tables; calling does need it", async () => {
  const report: ImportReport = JSON.parse(await run("import_only.ts"));
  assertEquals(report, {
    name: "ENOMSG",
    message: "No message of desired type",
    support: libcSupportFor(Deno.build.os, Deno.build.arch),
    firstCall: "NotCapable",
  });
});

Deno.test("elsewhere the first call throws the line that says why", async () => {
  const line = await run("other_platform.ts", "--allow-ffi");
  assertEquals(line, libcSupportFor("darwin", "aarch64"));
});

Deno.test("errno is each thread's own: two failing in different ways never mix", async () => {
  const calls = 100_000;
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const request: ErrnoRequest = { flags, calls };
  const worker = new Worker(new URL("./testdata/errno_worker.ts", import.meta.url), {
    type: "module",
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
  worker.onerror = (event) => reject(event.error);
  worker.postMessage(request);
  // Both are at the start line before either starts.
  await Atomics.waitAsync(flags, 1, 0).value;
  Atomics.store(flags, 0, 1);
  Atomics.notify(flags, 0);

  const pointer = pointerOf(new ArrayBuffer(8));
  let wrong = 0;
  for (let call = 0; call < calls; call++) {
    if (read(-1, pointer, 8) !== -ERRNO.EBADF) wrong += 1;
  }
  assertEquals({ main: wrong, worker: await promise }, { main: 0, worker: 0 });
  worker.terminate();
});

Deno.test("errno stays right while the collector runs and objects are made in between", () => {
  const pointer = pointerOf(new ArrayBuffer(8));
  const kept: Uint8Array[] = [];
  let wrong = 0;
  for (let call = 0; call < 20_000; call++) {
    kept[call % 64] = new Uint8Array(4096);
    if (read(-1, pointer, 8) !== -ERRNO.EBADF) wrong += 1;
  }
  assertEquals([wrong, kept.length], [0, 64]);
});
