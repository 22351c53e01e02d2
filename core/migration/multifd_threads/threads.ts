import { type MessagePort as NodePort, receiveMessageOnPort } from "node:worker_threads";
import type { MultifdEnds } from "../../channel/mod.ts";
import type { MovableDevice } from "../../device/mod.ts";
import type { Failure } from "../migration_error.ts";
import { reasonFailure } from "../migration_error.ts";
import { type StartThread, startThreadHere, type ThreadWorker } from "./start_thread.ts";
import type { ThreadResult } from "./thread_result.ts";
import type { ThreadAnswer, ThreadPlan, ThreadTask } from "./thread_task.ts";

/** How long its user looks at nothing else while it waits for results. */
const SLICE_MS = 20;

/** A thread as the one that made it holds it. */
export interface Thread {
  readonly worker: ThreadWorker;
  readonly port: MessagePort;
  readonly results: Int32Array<SharedArrayBuffer>;
  /** The device that it has, while it has it. */
  device: MovableDevice | null;
  isRunning: boolean;
  /** Once it has ended. */
  result: ThreadResult | null;
  /** Why it broke. */
  broken: Failure | null;
}

/** Starts threads, all at once, that wait to be told to run; throws with none left behind. */
export async function startThreads(
  plans: readonly ThreadPlan[],
  startThread: StartThread = startThreadHere,
): Promise<Thread[]> {
  const results = new Int32Array(new SharedArrayBuffer(4));
  const threads: Thread[] = [];
  const ready = plans.map((plan) => {
    const { port1, port2 } = new MessageChannel();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = startThread({ plan, port: port2, results }, {
      onReady: resolve,
      onBroken(message) {
        reject(new Error(`Cannot start the ${plan.kind} thread ${plan.place}: ${message}`));
      },
    });
    const none = { device: null, isRunning: false, result: null, broken: null };
    threads.push({ worker, port: port1, results, ...none });
    return promise;
  });
  try {
    await Promise.all(ready);
    return threads;
  } catch (error) {
    endThreads(threads);
    throw error;
  }
}

/** Lets a thread run over these channels, with a device where it is a device's. */
export function runThread(
  thread: Thread,
  ends: MultifdEnds,
  device: MovableDevice | null,
  recordOneIn = 0,
): void {
  thread.device = device;
  thread.isRunning = true;
  const handover = device === null ? null : device.handOver();
  thread.port.postMessage({ ends, handover, recordOneIn } satisfies ThreadTask);
}

/**
 * Blocks until all of these threads that run have ended, and takes their devices back. In between, and at least
 * once, it calls `look`.
 */
export function joinThreads(threads: readonly Thread[], look: () => void): void {
  let taken = -1;
  for (;;) {
    const results = threads[0]?.results;
    const seen = results === undefined ? 0 : Atomics.load(results, 0);
    look();
    // A result raises the word when it is there.
    if (seen !== taken) { for (const thread of threads) takeAnswer(thread); }
    taken = seen;
    if (results === undefined || threads.every(({ isRunning }) => !isRunning)) return;
    Atomics.wait(results, 0, seen, SLICE_MS);
  }
}

/** The first failure of a thread's own; `null` where none has one. */
export function threadFailure(threads: readonly Thread[]): Failure | null {
  const broken = threads.find((thread) => thread.broken !== null);
  if (broken !== undefined) return broken.broken;
  for (const { result } of threads) if (result?.failure) return result.failure;
  return null;
}

/** Ends the Workers. None of them may be running. */
export function endThreads(threads: readonly Thread[]): void {
  for (const { worker, port } of threads) {
    port.close();
    worker.end();
  }
}

function takeAnswer(thread: Thread): void {
  if (!thread.isRunning) return;
  // The one way to take a message without the event loop, in which this thread is not. The port is the same to
  // node, which only declares it in words of its own.
  const received = receiveMessageOnPort(thread.port as unknown as NodePort);
  if (received === undefined) return;
  const answer: ThreadAnswer = received.message;
  thread.isRunning = false;
  if (answer.type === "broken") {
    thread.broken = reasonFailure(answer.message, "cleanup");
    return;
  }
  thread.result = answer.result;
  const { handover } = answer.result;
  if (handover !== null) thread.device?.takeBack(handover);
  thread.device = null;
}
