/// <reference lib="deno.worker" />
/** Pushes `count` records `[producer, 0], [producer, 1] ...` to a queue that its test takes them from. */
import { pushRecord, type RecordQueue } from "../record_queue.ts";

/** What the test tells it. */
interface Task {
  readonly queue: RecordQueue;
  readonly producer: number;
  readonly count: number;
}

self.onmessage = ({ data: { queue, producer, count } }: MessageEvent<Task>) => {
  for (let i = 0; i < count;) if (pushRecord(queue, producer, i, 0, 0)) i++;
  self.postMessage("done");
};
