import type { Reply, Sender } from "../../channel/mod.ts";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import {
  createDestinationRun,
  type DestinationPlan,
  type DestinationReport,
  loadMessage,
  reportDestination,
  setUpLoad,
  startGuest,
} from "../destination.ts";
import { REPLY } from "../../channel/mod.ts";
import { type Failure, MigrationError } from "../migration_error.ts";

/** A destination that runs inside its source's calls: both halves of a migration in one thread, with real bytes. */
export interface DirectDestination {
  readonly sender: Sender;
  report(): DestinationReport;
}

/** Sets the destination's devices up; every message is loaded before the call that sends it returns. */
export function createDirectDestination(
  plan: Omit<DestinationPlan, "receiver">,
): DirectDestination {
  const region = regionOf(new ArrayBuffer(plan.options.bufferSize));
  const replies: Reply[] = [];
  let failure: Failure | null = null;
  let transferred = 0;
  const run = createDestinationRun({
    ...plan,
    receiver: {
      receive: () => 0,
      release() {},
      reply(kind, value) {
        replies.push({ kind, value });
        return 0;
      },
      fail() {},
      close() {},
    },
  });

  /** Does a step of the destination, unless it has given up. */
  function step(act: () => void): number {
    if (failure === null) {
      try {
        act();
      } catch (error) {
        if (!(error instanceof MigrationError)) throw error;
        failure = error.failure;
      }
    }
    return failure === null ? 0 : -ERRNO.EPIPE;
  }

  function takeReply(reply: Reply): number {
    const first = replies.shift();
    if (first === undefined) return failure === null ? 0 : -ERRNO.EPIPE;
    reply.kind = first.kind;
    reply.value = first.value;
    return 1;
  }

  step(() => setUpLoad(run));
  return {
    sender: {
      transferred: () => transferred,
      claim: () => region,
      capacity: plan.options.bufferSize,
      bulk: null,
      send(kind, device, length) {
        transferred += length;
        return step(() => {
          if (!loadMessage(run, { kind, device, region, offset: 0, length })) return;
          startGuest(run);
          replies.push({ kind: REPLY.SHUT, value: 0 });
        });
      },
      pollReply: takeReply,
      waitReply: takeReply,
      hasReturnPath: true,
      finish() {},
      close() {},
    },
    report: () => reportDestination(run, failure),
  };
}
