/** Plays trials that end well and badly over every channel, and prints the open fds before and after. */
import { countOpenFds } from "../../../core/libc/mod.ts";
import { expandCases, ScenarioSchema } from "../../scenario/mod.ts";
import { runWallTrial } from "../mod.ts";

const cases = expandCases(ScenarioSchema.parse({
  name: "fds",
  question: "Is anything left open?",
  params: { max_time_ms: 500, policy: "qemu-11.1" },
  matrix: {
    channel: ["ring", "unix", "tcp", "file"],
    "devices.nic0.stop_copy_report": ["exact", "error"],
  },
  devices: [{ id: "nic0", profile: "generic", state_size: "1MiB" }],
}));
const outcomes: string[] = [];
const play = async () => {
  for (const one of cases) {
    const place = { caseNumber: one.index, trial: 0, seed: 1 };
    const { record } = await runWallTrial(one, place, new AbortController().signal);
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

await play(); // What the runtime opens once is open from here on.
const before = await settledFds();
await play();
console.log(JSON.stringify({ before, after: await settledFds(), outcomes }));
