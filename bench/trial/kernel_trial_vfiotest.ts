/** Run in the guest: deno task test:vfio. Whole trials on real devices, with their Workers. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import {
  fileOf,
  freshMigdevs,
  getMigdev,
  openVfioFiles,
  setMigdev,
} from "../../core/device/kernel/testdata/guest_devices.ts";
import { expandCases, onRealDevices, ScenarioSchema } from "../scenario/mod.ts";
import { probeDevices, type RealDevices } from "./probe_devices.ts";
import { runWallTrial, type Trial } from "./wall_trial.ts";

/** Plays a trial on the devices, the way the command does. Nothing of theirs is open afterwards, whatever came of it. */
async function play(
  devices: RealDevices,
  params: Readonly<Record<string, unknown>>,
  signal = new AbortController().signal,
): Promise<Trial> {
  const file = ScenarioSchema.parse({
    name: "real",
    question: "Do they arrive?",
    params: { max_time_ms: "600s", ...params },
    devices: [{ id: "nic0", profile: "generic" }],
  });
  const [one] = expandCases(onRealDevices(file, probeDevices(devices)));
  assert(one !== undefined);
  const trial = await runWallTrial(one, { caseNumber: 0, trial: 0, seed: 1 }, signal);
  assertEquals(openVfioFiles(), []);
  return trial;
}

Deno.test("REINIT is seen, acked again, and switched over; the driver accepts the state", async () => {
  const [source, destination] = freshMigdevs({
    state_size: "16M",
    reinit_at_reads: "17",
    reinit_size: "4M",
  });
  const ends = { sources: [fileOf(source, "cdev")], destinations: [fileOf(destination, "group")] };
  const { record, timeline } = await play(ends, {
    policy: "qemu-11.1",
    switchover_ack: true,
    // A guest without RAM sends nothing while it waits for the ack, and would measure a bandwidth of 0.
    avail_switchover_bandwidth: "1GB/s",
  });
  assertEquals([record.error, record.outcome], [null, "completed"]);
  assertEquals([record.state_verified, record.verified_by], [true, "driver"]);
  const events = timeline.map(({ event }) => event);
  const count = (name: string) => events.filter((event) => event === name).length;
  assertEquals([count("reinit"), count("init_data_sent"), count("switchover_acked")], [1, 2, 2]);
  assert(events.lastIndexOf("switchover_acked") < events.indexOf("switchover"));
  assert((record.metrics.bytes_precopy ?? 0) >= 20 * 1024 * 1024);
  assertEquals(getMigdev(destination, "checksum"), getMigdev(source, "checksum"));
});

Deno.test("a device that threads of its own save and load arrives over multifd", async () => {
  const [source, destination] = freshMigdevs({ state_size: "8M", initial_fraction: 0.5 });
  const ends = { sources: [source], destinations: [destination] };
  const { record } = await play(ends, { multifd: true, channel: "unix" });
  assertEquals([record.error, record.state_verified], [null, true]);
  assert((record.metrics.bytes_stopcopy ?? 0) >= 4 * 1024 * 1024);
  assertEquals(getMigdev(destination, "checksum"), getMigdev(source, "checksum"));
});

Deno.test("to a file, the saving side alone: the bytes are there, the numbers too, and nobody verified", async () => {
  freshMigdevs({ state_size: "4M" });
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/state`;
  const ends = { sources: ["migdev.0"], destinations: [`file:${path}`] };
  const { record } = await play(ends, {});
  assertEquals([record.error, record.outcome], [null, "completed"]);
  assertEquals([record.state_verified, record.verified_by], [false, "nobody"]);
  const { bytes_precopy = 0, bytes_stopcopy = 0 } = record.metrics;
  assertEquals(Deno.statSync(path).size, bytes_precopy + bytes_stopcopy);
  assertEquals([...Deno.readDirSync(folder)].length, 1);
  Deno.removeSync(folder, { recursive: true });
  assertEquals(getMigdev("migdev.0", "state"), "RUNNING");
});

Deno.test("a trial that is called off leaves its device RUNNING", async () => {
  freshMigdevs({ state_size: "8M", save_rate: "1M" });
  const stop = new AbortController();
  const playing = play({ sources: ["migdev.0"], destinations: ["null"] }, {}, stop.signal);
  while (getMigdev("migdev.0", "state") !== "PRE_COPY") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  stop.abort();
  const { record } = await playing;
  assertNotEquals(record.outcome, "completed");
  assertEquals(getMigdev("migdev.0", "state"), "RUNNING");
});

Deno.test("a device that is taken away in the middle of a trial: one error that says so", async () => {
  freshMigdevs({ state_size: "8M", save_rate: "1M" });
  const ends = { sources: ["migdev.0"], destinations: ["migdev.1"] };
  const playing = play(ends, {});
  // Slow enough that the trial is under way whenever this machine gets there.
  while (getMigdev("migdev.0", "state") !== "PRE_COPY") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  setMigdev("migdev.0", { unplug: 1 });
  const { record } = await playing;
  assertEquals([record.outcome, record.error?.device, record.error?.errno], [
    "failed",
    "migdev.0",
    "ENODEV",
  ]);
  assertStringIncludes(record.error?.message ?? "", "unbind its driver and bind it again");
  assertEquals(record.error?.message.includes("\n"), false);
  setMigdev("migdev.0", { unplug: 0 });
  freshMigdevs();
});
