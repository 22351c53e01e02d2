/** Leaves an fd, a file and a Worker, one after the other, and prints what is told of each. */
import { close, memfdCreate } from "../../../core/libc/mod.ts";
import { settledTraces, tracesLeft } from "../traces_left.ts";

const folder = Deno.makeTempDirSync();
try {
  const before = await settledTraces(folder);
  const nothing = await tracesLeft(before, folder);

  const left = memfdCreate("left");
  const fd = await tracesLeft(before, folder);
  close(left);

  Deno.writeTextFileSync(`${folder}/stray`, "");
  const file = await tracesLeft(before, folder);
  Deno.removeSync(`${folder}/stray`);

  const url = URL.createObjectURL(new Blob(["self.onmessage = () => {};"]));
  const running = new Worker(url, { type: "module" });
  const told = await tracesLeft(before, folder);
  running.terminate();
  const tidied = await tracesLeft(before, folder);
  const worker = told.some((line) => line.endsWith("threads are left"));
  console.log(JSON.stringify({ nothing, fd, file, worker, tidied }));
} finally {
  Deno.removeSync(folder, { recursive: true });
}
