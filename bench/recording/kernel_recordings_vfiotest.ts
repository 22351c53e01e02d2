/** Run in the guest: deno task test:vfio. Kernel devices recorded, replayed, and held against simulated ones. */
import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { createVirtualClock, wallClock } from "../../core/clock/mod.ts";
import {
  closeRecording,
  compareSequences,
  type Device,
  type DeviceProfile,
  GENERIC_PROFILE,
  readRecording,
  ReplayedDevice,
  SimulatedDevice,
} from "../../core/device/mod.ts";
import { openKernelDevice } from "../../core/device/kernel/mod.ts";
import {
  fileOf,
  freshMigdevs,
  getMigdev,
  mttys,
  WAYS,
} from "../../core/device/kernel/testdata/guest_devices.ts";
import { createRecordingWriter, RecordingDevice } from "../../core/device/recorded/mod.ts";
import { inFolder } from "../../core/device/recorded/testdata/in_folder.ts";
import { memoryOf } from "../../core/device/simulated/testdata/memory.ts";
import { countOpenFds } from "../../core/libc/mod.ts";
import { type SavedSession, saveOnce } from "./record_session.ts";
import { SESSION_OPTIONS } from "./testdata/session_options.ts";

const MIB = 1024 * 1024;
const SEED = 7;
const PASS_NS = 10_000;

/**
 * Records a session to NAME. The source goes by a clock that only its passes and waits move: what it asks depends on the
 * answers alone, and they on what was asked before.
 */
function record(name: string, device: Device, precopyMs = 150): SavedSession {
  const writer = createRecordingWriter(name, {
    chunk: SESSION_OPTIONS.bufferSize,
    data: "file",
    seed: 1,
  });
  const recorder = new RecordingDevice(device, "src", wallClock, writer);
  const clock = createVirtualClock();
  const session = saveOnce(recorder, {
    policy: "qemu-11.1",
    options: { ...SESSION_OPTIONS, maxTimeMs: 2_000, precopyMs },
    clock,
    isCancelled() {
      // Once a pass, so that even a device that always has something comes to an end.
      clock.sleepNs(PASS_NS);
      return false;
    },
  });
  recorder.close();
  assertEquals([writer.failure, session.failure, session.leftIn], [null, null, "RUNNING"]);
  return session;
}

/** What the source made of the answers, moments aside. */
function estimatesOf({ report }: SavedSession): unknown {
  return report.devices.map(({ estimates }) => estimates.map(({ atNs: _, ...rest }) => rest));
}

async function assertSameBytes(a: string, b: string): Promise<void> {
  const [left, right] = [await Deno.readFile(`${a}.bin`), await Deno.readFile(`${b}.bin`)];
  assertEquals(left.length, right.length);
  const at = left.findIndex((byte, i) => byte !== right[i]);
  assertEquals(at, -1, `${a}.bin and ${b}.bin differ at ${at}`);
}

/** A profile's keys as the attributes of a migdev. */
function attributesOf(profile: Partial<DeviceProfile>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(profile).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(" ") : typeof value === "boolean" ? Number(value) : value,
    ]),
  ) as Record<string, string | number>;
}

const DIRTYING: Partial<DeviceProfile> = {
  state_size: 4 * MIB,
  initial_fraction: 0.75,
  dirty_every_reads: 5,
  dirty_read_size: 128 * 1024,
};

const PROFILES: Readonly<Record<string, Partial<DeviceProfile>>> = {
  "dirtying": DIRTYING,
  "dirtying and REINIT": {
    ...DIRTYING,
    dirty_span: MIB,
    reinit_at_reads: [10, 60, 80],
    reinit_size: MIB,
  },
  "short reads, 0 when empty": {
    ...DIRTYING,
    dirty_every_reads: 40,
    read_limit: 10_000,
    empty_read: "0",
  },
  "no P2P": { ...DIRTYING, p2p: false },
  "no precopy": { state_size: 4 * MIB, precopy: false, initial_fraction: 0 },
  "always the whole size": { ...DIRTYING, stop_copy_report: "full-always", dirty_report: "zero" },
  "no precopy info": { ...DIRTYING, precopy_report: "error" },
};

for (const [name, given] of Object.entries(PROFILES)) {
  Deno.test(`${name}: migdev and a simulated device are asked the same and answer the same`, () =>
    inFolder(async (folder) => {
      const [source] = freshMigdevs({ ...attributesOf(given), seed: SEED, verify: 0 });
      const kernel = openKernelDevice(fileOf(source, "cdev"), { id: "dev0" });
      const one = record(`${folder}/kernel`, kernel);
      const profile = { ...GENERIC_PROFILE, ...given };
      const memory = memoryOf(profile.state_size, SEED);
      const simulated = new SimulatedDevice({ id: "dev0", profile, clock: wallClock, memory });
      const other = record(`${folder}/simulated`, simulated);
      const { calls, difference } = await compareSequences(
        `${folder}/kernel.jsonl`,
        `${folder}/simulated.jsonl`,
      );
      assertEquals(difference, null);
      assertGreater(calls, 60);
      await assertSameBytes(`${folder}/kernel`, `${folder}/simulated`);
      assertEquals(estimatesOf(one), estimatesOf(other));
    }));
}

for (const way of WAYS) {
  for (const driver of ["migdev", "mtty"]) {
    Deno.test(`${driver} by ${way}: its recording, replayed, gives the same bytes and the same estimates`, () =>
      inFolder(async (folder) => {
        const before = countOpenFds();
        const [source] = driver === "mtty"
          ? mttys()
          : freshMigdevs(attributesOf(PROFILES["dirtying and REINIT"] ?? {}));
        assert(source !== undefined);
        const kernel = openKernelDevice(fileOf(source, way), { id: "dev0" });
        const one = record(`${folder}/kernel`, kernel);
        const recording = await readRecording(`${folder}/kernel.jsonl`);
        const replayed = ReplayedDevice.source("dev0", recording);
        assert(typeof replayed !== "number");
        closeRecording(recording);
        const again = record(`${folder}/replayed`, replayed);
        const { calls, difference } = await compareSequences(
          `${folder}/kernel.jsonl`,
          `${folder}/replayed.jsonl`,
        );
        assertEquals(difference, null);
        assertGreater(calls, 20);
        await assertSameBytes(`${folder}/kernel`, `${folder}/replayed`);
        assertEquals(estimatesOf(one), estimatesOf(again));
        assertEquals(countOpenFds(), before);
      }));
  }
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const main = new URL("../main.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", main, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("deno task record and bench --record take kernel devices by their files", () =>
  inFolder(async (folder) => {
    const [source, destination] = freshMigdevs(attributesOf(DIRTYING));
    const device = fileOf(source, "cdev");
    const made = await run("record", device, `${folder}/a`, "--json");
    assertEquals([made.code, made.err], [0, ""]);
    assertEquals(JSON.parse(made.out).left_in, "RUNNING");
    assertEquals(getMigdev(source, "state"), "RUNNING");
    closeRecording(await readRecording(`${folder}/a.jsonl`));

    const pair = ["--device", device, "--to", fileOf(destination, "cdev")];
    const recorded = ["--record", `${folder}/sessions`, "--out", `${folder}/real`];
    const bench = await run("bench", "smoke", ...pair, ...recorded, "--trials", "1", "--quiet");
    assertEquals([bench.code, bench.err], [0, ""], bench.out);
    const names = [...Deno.readDirSync(`${folder}/sessions`)].map(({ name }) => name);
    const from = names.find((name) => name.endsWith(".bin"))?.replace(".bin", ".jsonl") ?? "";
    closeRecording(await readRecording(`${folder}/sessions/${from}`));
    const to = names.find((name) => name.endsWith("-dst.jsonl")) ?? "";
    const text = await Deno.readTextFile(`${folder}/sessions/${to}`);
    assertStringIncludes(text, `"dev":"dst","call":"write"`);
  }));

Deno.test("a session that fails on a kernel device is told, and leaves it RUNNING", () =>
  inFolder(async (folder) => {
    const [source] = freshMigdevs({ ...attributesOf(DIRTYING), fail_read: "3 EIO" });
    const { code, err } = await run("record", fileOf(source, "cdev"), `${folder}/a`);
    assertEquals(code, 4, err);
    assertStringIncludes(err, "read gave EIO");
    assertStringIncludes(err, "the device is RUNNING");
    assertEquals(getMigdev(source, "state"), "RUNNING");
  }));
