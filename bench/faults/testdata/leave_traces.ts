/** Leaves an fd, a file and a Worker, one after the other, and prints what is told of each. */
import { close, memfdCreate } from "../../../core/libc/mod.ts";
import { settledTraces, tracesLeft } from "../traces_left.ts";

const folder = Deno.makeTempDirSync();
const startWorker = async () => {
  const url = URL.createObjectURL(new Blob(["self.postMessage(1);"]));
  const worker = new Worker(url, { type: "module" });
  await new Promise((resolve) => worker.onmessage = resolve);
  return worker;
};
try {
  // What the runtime opens once for its first Worker is open from here on.
  (await startWorker()).terminate();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const before = await settledTraces(folder);
  const nothing = await tracesLeft(before, folder);

  const left = memfdCreate("left");
  const fd = await tracesLeft(before, folder);
  close(left);

  Deno.writeTextFileSync(`${folder}/stray`, "");
  const file = await tracesLeft(before, folder);
  Deno.removeSync(`${folder}/stray`);

  const running = await startWorker();
  const told = await tracesLeft(before, folder);
  running.terminate();
  const tidied = await tracesLeft(before, folder);
  const worker = told.find((line) => line.includes("Worker"));
  console.log(JSON.stringify({ nothing, fd, file, worker, tidied }));
} finally {
  Deno.removeSync(folder, { recursive: true });
}
