/**
 * The rival that moves a state over ringbuf.js: `ringbuf.ts BUFFER_SIZE BYTES`. Twice, the first time as its warm-up.
 *
 *     read(2) -> buffer --push--> ring --pop--> buffer -> write(2)         in two Workers
 *
 * @module
 */
import { ringSlotsFor } from "../../core/channel/mod.ts";
import { makeStates, sayMoved } from "./moved_states.ts";
import type { FromRingbuf, ToRingbuf } from "./ringbuf_worker.ts";
import { loadRingbuf } from "./ringbuf_library.ts";

const [bufferSize = 0, bytes = 0] = Deno.args.map(Number);
const { RingBuffer } = await loadRingbuf();
const states = makeStates(bytes);
const storage = RingBuffer.getStorageForCapacity(
  ringSlotsFor(bufferSize) * bufferSize,
  Uint8Array,
);
const ends = [startEnd("produce", states.source.fd), startEnd("consume", states.destination.fd)];
await Promise.all(ends.map((end) => end.next()));
for (let turn = 0; turn < 2; turn++) {
  for (const end of ends) end.begin();
  const [produced, consumed] = await Promise.all(ends.map((end) => end.next()));
  sayMoved(states, produced?.beganNs ?? 0, consumed?.endedNs ?? 0);
}
for (const end of ends) end.end();

function startEnd(role: ToRingbuf["role"], fd: number) {
  const worker = new Worker(new URL("./ringbuf_worker.ts", import.meta.url), { type: "module" });
  const answers: FromRingbuf[] = [];
  let waiting: ((answer: FromRingbuf) => void) | null = null;
  worker.onmessage = (event: MessageEvent<FromRingbuf>) => {
    if (waiting === null) answers.push(event.data);
    else waiting(event.data);
    waiting = null;
  };
  const plan: ToRingbuf = { role, fd, bufferSize, bytes, storage };
  worker.postMessage(plan);
  return {
    begin: () => worker.postMessage("begin"),
    next: () => {
      const answer = answers.shift();
      if (answer !== undefined) return Promise.resolve(answer);
      return new Promise<FromRingbuf>((resolve) => waiting = resolve);
    },
    end: () => worker.terminate(),
  };
}
