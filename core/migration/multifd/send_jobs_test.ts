import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ERRNO } from "../../libc/mod.ts";
import {
  abortSaves,
  attachSendJobs,
  createSendJobs,
  finishJob,
  pendingJobs,
  SEND_CHANGES_WORD,
  takeChannel,
} from "./send_jobs.ts";

Deno.test("channels take jobs in turn, one each", () => {
  const jobs = createSendJobs(3, 1);
  assertEquals([0, 1, 2].map(() => takeChannel(jobs)), [0, 1, 2]);
  assertEquals(takeChannel(jobs), -ERRNO.EAGAIN);
  finishJob(jobs, 1);
  finishJob(jobs, 2);
  // The search begins behind the last one that got a job.
  assertEquals([takeChannel(jobs), takeChannel(jobs)], [1, 2]);
  finishJob(jobs, 0);
  finishJob(jobs, 2);
  assertEquals([takeChannel(jobs), takeChannel(jobs)], [0, 2]);
});

Deno.test("a channel without a job cannot finish one", () => {
  const jobs = createSendJobs(2, 1);
  assertEquals(finishJob(jobs, 0), -ERRNO.EINVAL);
  assertEquals(takeChannel(jobs), 0);
  assertEquals([finishJob(jobs, 0), finishJob(jobs, 0)], [0, -ERRNO.EINVAL]);
  for (const channel of [-1, 2, NaN]) assertEquals(finishJob(jobs, channel), -ERRNO.EINVAL);
});

Deno.test("no channel takes a job once the saves are aborted; the first reason stays", () => {
  const jobs = createSendJobs(2, 1);
  abortSaves(jobs, -ERRNO.EIO, 0);
  abortSaves(jobs, -ERRNO.EPIPE, 1);
  assertEquals(takeChannel(jobs), -ERRNO.ECANCELED);
});

Deno.test("what a waiting sender waits for changes the word it waits on, in every thread's view", () => {
  const jobs = createSendJobs(1, 1);
  const other = attachSendJobs(jobs.words);
  const seen = () => Atomics.load(jobs.words, SEND_CHANGES_WORD);
  takeChannel(other);
  let before = seen();
  finishJob(jobs, 0);
  assert(seen() !== before);
  assertEquals(takeChannel(other), 0);
  before = seen();
  abortSaves(other, -ERRNO.EIO, 0);
  assert(seen() !== before);
});

Deno.test("there is at least one channel", () => {
  for (const count of [0, -1, 1.5]) assertThrows(() => createSendJobs(count, 1), RangeError);
});

Deno.test("no channel ever has two jobs, and none stays idle while a job waits", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.integer({ min: -1, max: 7 })),
    (channels, actions) => {
      const jobs = createSendJobs(channels, 1);
      const busy = new Set<number>();
      for (const action of actions) {
        if (action >= 0) {
          assertEquals(finishJob(jobs, action), busy.delete(action) ? 0 : -ERRNO.EINVAL);
          continue;
        }
        const channel = takeChannel(jobs);
        assertEquals(channel === -ERRNO.EAGAIN, busy.size === channels);
        if (channel >= 0) {
          assert(!busy.has(channel));
          busy.add(channel);
        }
        assertEquals(pendingJobs(jobs), busy.size);
      }
    },
  ));
});
