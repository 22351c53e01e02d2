/// <reference lib="deno.worker" />
/**
 * The Worker of one thread. It waits in its event loop until it is told to run; then it blocks until its work is
 * over, and waits again.
 * @module
 */
import type { MultifdEnds } from "../../channel/mod.ts";
import { wallClock } from "../../clock/mod.ts";
import { ERRNO } from "../../libc/mod.ts";
import { failLoads } from "./load_shared.ts";
import { runLoad } from "./run_load.ts";
import { runRecv } from "./run_recv.ts";
import { runSave } from "./run_save.ts";
import { runSend } from "./run_send.ts";
import { failSaves } from "./save_shared.ts";
import type { ThreadResult } from "./thread_result.ts";
import type { ThreadAnswer, ThreadPlan, ThreadStart, ThreadTask } from "./thread_task.ts";

self.onmessage = ({ data }: MessageEvent<ThreadStart>) => {
  const { plan, port, results } = data;
  port.onmessage = (event: MessageEvent<ThreadTask>) => {
    const task = event.data;
    const { users } = task.ends;
    if (users !== undefined) Atomics.add(users, 0, 1);
    port.postMessage(answer(withEnds(plan, task.ends), task));
    if (users !== undefined) Atomics.sub(users, 0, 1);
    // The result first: who sees the word raised finds it.
    Atomics.add(results, 0, 1);
    Atomics.notify(results, 0);
  };
  // Loads the C library in this thread: the first call takes milliseconds, which are none of the downtime's.
  wallClock.nowNs();
  self.postMessage("ready");
};

function withEnds(plan: ThreadPlan, ends: MultifdEnds): ThreadPlan {
  return { ...plan, shared: { ...plan.shared, ends } } as ThreadPlan;
}

function answer(plan: ThreadPlan, task: ThreadTask): ThreadAnswer {
  try {
    return { type: "ended", result: run(plan, task) };
  } catch (error) {
    // The others must not wait for this one.
    if (plan.kind === "save" || plan.kind === "send") failSaves(plan.shared, -ERRNO.EIO, -1);
    else failLoads(plan.shared, -ERRNO.EIO, -1);
    const message = error instanceof Error ? error.stack ?? error.message : String(error);
    return { type: "broken", message: `The ${plan.kind} thread ${plan.place} broke: ${message}` };
  }
}

function run(plan: ThreadPlan, { handover, recordOneIn }: ThreadTask): ThreadResult {
  if (plan.kind === "send") return runSend(plan.shared, plan.place);
  if (plan.kind === "recv") return runRecv(plan.shared, plan.place);
  if (handover === null) throw new TypeError("Cannot run without a device: received none");
  if (plan.kind === "save") return runSave(plan.shared, plan.place, handover, recordOneIn);
  return runLoad(plan.shared, plan.place, handover, recordOneIn);
}
