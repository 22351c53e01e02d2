import { assertEquals } from "@std/assert";
import type { StartThread, ThreadEvents } from "../../core/migration/multifd_threads/mod.ts";
import {
  createHalfThreads,
  createParentThreads,
  type HalfThreads,
  type ParentThreads,
} from "./half_threads.ts";

interface Wired {
  readonly threads: HalfThreads;
  readonly parent: ParentThreads;
  /** Of each thread that was started. */
  readonly events: ThreadEvents[];
  readonly ended: number[];
  /** Starts one, and takes down what is heard of it. */
  start(): { end(): void; readonly heard: string[] };
}

/** Both sides, without anything between them. */
function wired(): Wired {
  const events: ThreadEvents[] = [];
  const ended: number[] = [];
  const startThread: StartThread = (_start, heard) => {
    const nth = events.push(heard) - 1;
    return { end: () => void ended.push(nth) };
  };
  const parent = createParentThreads((message) => threads.take(message));
  const threads = createHalfThreads(startThread, parent.hear);
  return {
    threads,
    parent,
    events,
    ended,
    start() {
      const heard: string[] = [];
      const { port1, port2 } = new MessageChannel();
      port1.close();
      port2.close();
      const results = new Int32Array(new SharedArrayBuffer(4));
      // What a thread is told is nothing to those that start it.
      const plan = { kind: "send", place: 0, shared: null } as never;
      const { end } = parent.startThread({ plan, port: port2, results }, {
        onReady: () => void heard.push("ready"),
        onBroken: (message) => void heard.push(message),
      });
      return { end, heard };
    },
  };
}

Deno.test("each thread that a half starts is heard of by itself, and ends when it says so", () => {
  const { events, ended, start } = wired();
  const [first, second] = [start(), start()];
  events[1]?.onBroken("there is no such module");
  events[0]?.onReady();
  assertEquals([first.heard, second.heard], [["ready"], ["there is no such module"]]);
  second.end();
  second.end();
  assertEquals(ended, [1]);
});

Deno.test("a half that ends takes along the threads that are left", () => {
  const { threads, events, ended, start } = wired();
  const [first, second, third] = [start(), start(), start()];
  events[2]?.onReady();
  first.end();
  threads.end();
  threads.end();
  assertEquals(ended, [0, 1, 2]);
  start();
  assertEquals(events.length, 3, "none is started for a half that is gone");
  // What comes late of one that was ended is for nobody.
  events[0]?.onBroken("it was ended");
  assertEquals([first.heard, second.heard, third.heard], [[], [], ["ready"]]);
});
