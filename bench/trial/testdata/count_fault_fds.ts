/** Plays trials whose Workers die and whose channels fail, and prints the open fds before and after. */
import { countOpenFds } from "../../../core/libc/mod.ts";
import { expandCases, ScenarioSchema } from "../../scenario/mod.ts";
import { runWallTrial } from "../wall_trial.ts";

const PLACES = ["setup", "precopy", "switchover", "load"];
const SYSTEMS = [
  {
    params: { channel: "unix" },
    devices: [{ id: "nic0", profile: "generic", state_size: "1MiB" }],
  },
  // What a virtio-net VF takes in is gathered in a memory of its own.
  {
    params: { channel: "ring" },
    devices: [{ id: "nic0", profile: "virtio-net", state_size: "1MiB" }],
  },
  {
    params: { channel: "tcp", multifd: true, channels: 2 },
    devices: [{ id: "nic0", profile: "generic", state_size: "1MiB", precopy: false }],
  },
];
const plays = SYSTEMS.flatMap((system) => [
  ...["source", "destination"].flatMap((side) =>
    PLACES.map((at) => ({ ...system, faults: [{ on: "worker", side, give: "die", at }] }))
  ),
  { ...system, faults: [{ on: "channel", byte: 40, give: "drop" }] },
]);
const outcomes: string[] = [];
const play = async (some: typeof plays) => {
  for (const { params, ...file } of some) {
    const [one] = expandCases(ScenarioSchema.parse({
      name: "fds",
      question: "Is anything left open?",
      params: { max_time_ms: 500, buffer_size: "64KiB", ...params },
      ...file,
    }));
    if (one === undefined) continue;
    const place = { caseNumber: 0, trial: 0, seed: 1 };
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

await play(plays.slice(-2)); // What the runtime opens once is open from here on.
const before = await settledFds();
await play(plays);
console.log(JSON.stringify({ before, after: await settledFds(), outcomes }));
