/** Prints how many Workers this process has, without any and with three of them. */
import { processStat } from "../process_stat.ts";

const counts = [processStat(Deno.pid)?.workers];
const url = URL.createObjectURL(
  new Blob(["self.postMessage(1); self.onmessage = () => {};"], { type: "text/javascript" }),
);
const workers = Array.from({ length: 3 }, () => new Worker(url, { type: "module" }));
await Promise.all(workers.map((worker) =>
  new Promise((resolve) => {
    worker.onmessage = resolve;
  })
));
counts.push(processStat(Deno.pid)?.workers);
console.log(JSON.stringify(counts));
for (const worker of workers) worker.terminate();
