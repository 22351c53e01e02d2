/// <reference lib="deno.worker" />
/** Sleeps for a day on a clock that can be woken, and says when it begins and when it is over. */
import { createWallClock } from "../wall_clock.ts";

self.onmessage = ({ data }: MessageEvent<Int32Array<SharedArrayBuffer>>) => {
  self.postMessage("asleep");
  createWallClock(data).sleepNs(86_400e9);
  self.postMessage("over");
  self.close();
};
