import { assertEquals } from "@std/assert";
import { ERRNO } from "../../libc/mod.ts";
import { createDeviceSave, type DeviceSave, nextSaveStep, SAVE_STEP } from "./save_steps.ts";
import {
  abortSaves,
  createSendJobs,
  saveAborted,
  saveAborter,
  savesRunning,
  type SendJobs,
} from "./send_jobs.ts";

const { STOP_COPY, READ, SEND, SAVE_CONFIG, SEND_CONFIG, DONE, FAILED } = SAVE_STEP;

/** The steps that these results lead to, and the idx in hand at each. */
function walk(jobs: SendJobs, save: DeviceSave, results: number[]): [number, number][] {
  return results.map((result) => [nextSaveStep(jobs, save, result), save.idx]);
}

Deno.test("buffers are stamped 0, 1, 2, and the configuration gets the next idx", () => {
  const jobs = createSendJobs(2, 1);
  const save = createDeviceSave(0);
  assertEquals(save.step, STOP_COPY);
  assertEquals(walk(jobs, save, [0, 100, 0, 100, 0, 50, 0, 0, 16, 0]), [
    [READ, 0],
    [SEND, 0],
    [READ, 1],
    [SEND, 1],
    [READ, 2],
    [SEND, 2],
    [READ, 3],
    [SAVE_CONFIG, 3],
    [SEND_CONFIG, 3],
    [DONE, 3],
  ]);
  assertEquals([save.savedBytes, save.length, save.result, savesRunning(jobs)], [250, 16, 0, 0]);
  assertEquals(nextSaveStep(jobs, save, 0), DONE);
  assertEquals(savesRunning(jobs), 0);
});

Deno.test("a device without state sends its configuration as idx 0", () => {
  const save = createDeviceSave(0);
  assertEquals(walk(createSendJobs(1, 1), save, [0, 0, 16])[2], [SEND_CONFIG, 0]);
});

Deno.test("save thread failing: the others are aborted and joined", () => {
  const jobs = createSendJobs(2, 3);
  const [first, second, third] = [0, 1, 2].map(createDeviceSave);
  if (first === undefined || second === undefined || third === undefined) return;
  walk(jobs, first, [0, 100]);
  walk(jobs, second, [0]);
  walk(jobs, third, [0, 0]);
  assertEquals(nextSaveStep(jobs, second, -ERRNO.EIO), FAILED);
  assertEquals([saveAborted(jobs), saveAborter(jobs)], [-ERRNO.EIO, 1]);
  // One with a buffer in hand sends it and stops before the next read.
  assertEquals(nextSaveStep(jobs, first, 0), FAILED);
  assertEquals(first.result, -ERRNO.ECANCELED);
  // One at the end of its stream does not look any more.
  assertEquals(savesRunning(jobs), 1);
  assertEquals(walk(jobs, third, [16, 0]), [[SEND_CONFIG, 0], [DONE, 0]]);
  assertEquals(savesRunning(jobs), 0);
  assertEquals([saveAborted(jobs), saveAborter(jobs)], [-ERRNO.EIO, 1]);
});

Deno.test("each step can fail, and ends the save with its errno", () => {
  for (const before of [[], [0], [0, 5], [0, 0], [0, 0, 5]]) {
    const jobs = createSendJobs(1, 1);
    const save = createDeviceSave(0);
    walk(jobs, save, before);
    assertEquals(nextSaveStep(jobs, save, -ERRNO.EPIPE), FAILED);
    assertEquals([save.result, saveAborted(jobs)], [-ERRNO.EPIPE, -ERRNO.EPIPE]);
    assertEquals(nextSaveStep(jobs, save, 0), FAILED);
    assertEquals(savesRunning(jobs), 0);
  }
});

Deno.test("a cancelled migration stops a save before its next read", () => {
  const jobs = createSendJobs(1, 1);
  abortSaves(jobs, -ERRNO.ECANCELED, -1);
  const save = createDeviceSave(0);
  assertEquals(nextSaveStep(jobs, save, 0), FAILED);
  assertEquals([save.result, saveAborter(jobs)], [-ERRNO.ECANCELED, -1]);
});

Deno.test("an idx is never the invalid one", () => {
  const jobs = createSendJobs(1, 1);
  const save = createDeviceSave(0);
  walk(jobs, save, [0, 1]);
  save.idx = 0xfffffffc;
  assertEquals(walk(jobs, save, [0, 1, 0])[2], [READ, 0xfffffffe]);
  assertEquals(nextSaveStep(jobs, save, 1), FAILED);
  assertEquals(save.result, -ERRNO.EOVERFLOW);
});
