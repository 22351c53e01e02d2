/** Plays multifd trials that end well and badly, and prints the open fds before and after. */
import { countOpenFds } from "../../../core/libc/mod.ts";
import { expandCases, ScenarioSchema } from "../../scenario/mod.ts";
import { runWallTrial } from "../wall_trial.ts";

const STOPPED = { precopy: false };
const PLAYS: { params?: object; device?: object; cancelAfterMs?: number }[] = [
  {},
  { params: { channel: "tcp" }, device: STOPPED },
  // The cap; a precopy that fails; a device that is refused.
  { params: { max_queued_bytes: "256KiB" }, device: { ...STOPPED, load_rate: "2MiB/s" } },
  { params: { policy: "qemu-11.1", max_time_ms: 100 }, device: { stop_copy_report: "error" } },
  { device: { profile: "virtio-net", state_size: "64KiB" } },
  // While the device is loaded.
  { device: { ...STOPPED, load_rate: "256KiB/s" }, cancelAfterMs: 3000 },
];
const outcomes: string[] = [];
const play = async (plays: typeof PLAYS) => {
  for (const { params, device, cancelAfterMs } of plays) {
    // As a virtual one, so that what is refused beforehand comes to be refused by the trial.
    const [one] = expandCases(ScenarioSchema.parse({
      clock: "virtual",
      name: "fds",
      question: "Is anything left open?",
      params: {
        channel: "unix",
        multifd: true,
        channels: 2,
        buffer_size: "64KiB",
        max_time_ms: cancelAfterMs === undefined ? 500 : 20_000,
        ...params,
      },
      devices: [{ id: "nic0", profile: "generic", state_size: "2MiB", ...device }],
    }));
    if (one === undefined) continue;
    const interrupt = new AbortController();
    const timer = cancelAfterMs === undefined
      ? undefined
      : setTimeout(() => interrupt.abort(), cancelAfterMs);
    const place = { caseNumber: one.index, trial: 0, seed: 1 };
    const { record } = await runWallTrial(one, place, interrupt.signal);
    clearTimeout(timer);
    outcomes.push(record.outcome);
  }
};
/** A Worker that has ended gives its thread's own fds back a moment later: waits until the count holds still. */
async function settledFds(): Promise<number> {
  let count = countOpenFds();
  for (let same = 0; same < 20; same++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    const now = countOpenFds();
    if (now !== count) same = 0;
    count = now;
  }
  return count;
}

await play(PLAYS.slice(2, 3)); // What the runtime opens once is open from here on.
const before = await settledFds();
await play(PLAYS);
console.log(JSON.stringify({ before, after: await settledFds(), outcomes }));
