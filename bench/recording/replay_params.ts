import type { Recording } from "../../core/device/mod.ts";
import { PARAM_FIELDS } from "../scenario/mod.ts";

const DOWNTIME_LIMIT_MS = 300;
const LEAST_BANDWIDTH = 1024 ** 3;

/**
 * The parameters with which a recorded device is stopped no later than it was: a recording has nothing more to
 * precopy then, and a source that waits measures no bandwidth. The buffers are as they were, where a scenario can
 * have such ones.
 */
export function replayParams({ bufferSize, pendingAtStop }: Recording): Record<string, unknown> {
  const enough = Math.ceil(pendingAtStop / DOWNTIME_LIMIT_MS * 1000);
  const buffer = PARAM_FIELDS.buffer_size.safeParse(bufferSize);
  return {
    policy: "qemu-11.1",
    downtime_limit_ms: DOWNTIME_LIMIT_MS,
    avail_switchover_bandwidth: Math.max(LEAST_BANDWIDTH, enough),
    ...(buffer.success ? { buffer_size: buffer.data } : {}),
  };
}
