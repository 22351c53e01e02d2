import {
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { close, ERRNO, OPEN, open, readDirectory, readLink } from "../../libc/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import { compareImages } from "../compare_images.ts";
import { type DeviceProfile, GENERIC_PROFILE } from "../profile.ts";
import { compareSequences } from "../replayed/compare_sequences.ts";
import { closeRecording, readRecording, RecordingError } from "../replayed/recording.ts";
import { ReplayedDevice } from "../replayed/replayed_device.ts";
import { SimulatedDevice } from "../simulated/simulated_device.ts";
import { createFakeClock } from "../simulated/testdata/fake_clock.ts";
import { memoryOf } from "../simulated/testdata/memory.ts";
import { RecordingDevice } from "./recording_device.ts";
import {
  createRecordingWriter,
  type RecordingWriter,
  removeRecording,
} from "./recording_writer.ts";
import { chunkRegion, driveSaving } from "./testdata/drive.ts";
import { inFolder } from "./testdata/in_folder.ts";

const CHUNK = 4096;
const REGION = chunkRegion(CHUNK);
const PROFILE: DeviceProfile = {
  ...GENERIC_PROFILE,
  state_size: 300_000,
  initial_fraction: 0.5,
  save_rate: 1e9,
  precopy_enter_ms: 2,
};

/** Records a simulated session; gives what its writer came to. */
function record(name: string, data: "file" | "omitted" = "file"): RecordingWriter {
  const writer = createRecordingWriter(name, { src: "nic0", chunk: CHUNK, data, seed: 3 });
  const clock = createFakeClock();
  const memory = memoryOf(PROFILE.state_size, 7);
  const device = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory });
  const recorder = new RecordingDevice(device, "src", clock, writer);
  driveSaving(recorder, CHUNK, REGION);
  recorder.close();
  return writer;
}

function made(device: ReplayedDevice | number): ReplayedDevice {
  if (typeof device === "number") throw new Error(`Cannot make a device: received ${device}`);
  return device;
}

Deno.test("a recorded session has every call with its answer, its size and its time", () =>
  inFolder(async (folder) => {
    const writer = record(`${folder}/a`);
    assertEquals(writer.failure, null);
    const lines = (await Deno.readTextFile(`${folder}/a.jsonl`)).trimEnd().split("\n");
    assertEquals(lines.length, writer.calls + 1);
    const [header, ...calls] = lines.map((line) => JSON.parse(line));
    assertEquals(header.format, "vfio-migbench/recording@1");
    assertEquals([header.src, header.chunk, header.data, header.seed], ["nic0", CHUNK, "file", 3]);
    assertEquals(calls.slice(0, 4), [
      {
        seq: 0,
        t_us: 0,
        dur_us: 0,
        dev: "src",
        call: "GET MIGRATION",
        ret: 0,
        errno: 0,
        errname: "",
        flags: "STOP_COPY P2P PRE_COPY",
      },
      {
        seq: 1,
        t_us: 0,
        dur_us: 0,
        dev: "src",
        call: "SET MIG_PRECOPY_INFOv2",
        ret: 0,
        errno: 0,
        errname: "",
      },
      {
        seq: 2,
        t_us: 0,
        dur_us: 0,
        dev: "src",
        call: "GET MIG_DATA_SIZE",
        ret: 0,
        errno: 0,
        errname: "",
        stop_copy_length: 300_072,
      },
      {
        seq: 3,
        t_us: 0,
        dur_us: 2000,
        dev: "src",
        call: "SET MIG_DEVICE_STATE",
        ret: 0,
        errno: 0,
        errname: "",
        state: "PRE_COPY",
      },
    ]);
    const empty = calls.find(({ ret }) => ret < 0);
    assertEquals([empty.call, empty.errno, empty.errname, empty.count, empty.stream_offset], [
      "read",
      ERRNO.ENOMSG,
      "ENOMSG",
      CHUNK,
      150_024,
    ]);
    assertEquals((await Deno.stat(`${folder}/a.bin`)).size, 300_072);
  }));

Deno.test("a replay of a recording makes the same recording again, answers and bytes", () =>
  inFolder(async (folder) => {
    record(`${folder}/a`);
    const recording = await readRecording(`${folder}/a.jsonl`);
    const writer = createRecordingWriter(`${folder}/b`, { chunk: CHUNK, data: "file", seed: 1 });
    const replayed = made(ReplayedDevice.source("r", recording));
    const again = new RecordingDevice(replayed, "src", createFakeClock(), writer);
    driveSaving(again, CHUNK, REGION);
    again.close();
    closeRecording(recording);
    assertEquals(await compareSequences(`${folder}/a.jsonl`, `${folder}/b.jsonl`), {
      calls: writer.calls,
      difference: null,
    });
    assertEquals(await Deno.readFile(`${folder}/b.bin`), await Deno.readFile(`${folder}/a.bin`));
  }));

Deno.test("without data the bytes are made up: as many, the same each time, and verified", () =>
  inFolder(async (folder) => {
    record(`${folder}/a`, "omitted");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.jsonl"]);
    const recording = await readRecording(`${folder}/a.jsonl`);
    assertEquals([recording.length, recording.dataPath, recording.seed], [300_072, null, 3]);
    const streams = [CHUNK, 100].map((chunk) => {
      const region = chunkRegion(chunk);
      const from = made(ReplayedDevice.source("r", recording));
      const to = made(ReplayedDevice.destination("r", recording));
      from.setState(DEVICE_STATE.STOP_COPY);
      to.setState(DEVICE_STATE.RESUMING);
      const bytes: number[] = [];
      for (let n = from.read(region, chunk); n > 0; n = from.read(region, chunk)) {
        assertEquals(to.write(region, 0, n), n);
        bytes.push(...region.bytes.subarray(0, n));
      }
      assertEquals(to.setState(DEVICE_STATE.STOP), 0);
      const [left, right] = [from.image(), to.image()];
      assertEquals(left && right && compareImages(left, right), -1);
      for (const device of [from, to]) device.close();
      return bytes;
    });
    closeRecording(recording);
    assertEquals(streams[0]?.length, 300_072);
    assertEquals(streams[1], streams[0]);
    const pages = new Set<string>();
    for (let at = 0; at < 300_072; at += 4096) {
      pages.add(String(streams[0]?.slice(at, at + 64)));
    }
    assertEquals(pages.size, Math.ceil(300_072 / 4096));
  }));

Deno.test("a destination finds the very byte that is another", () =>
  inFolder(async (folder) => {
    for (const data of ["file", "omitted"] as const) {
      record(`${folder}/${data}`, data);
      const recording = await readRecording(`${folder}/${data}.jsonl`);
      const from = made(ReplayedDevice.source("r", recording));
      const to = made(ReplayedDevice.destination("r", recording));
      from.setState(DEVICE_STATE.STOP_COPY);
      to.setState(DEVICE_STATE.RESUMING);
      const wrong = [150_100, 290_000];
      for (let offset = 0, n = 0; (n = from.read(REGION, CHUNK)) > 0; offset += n) {
        for (const at of wrong) {
          const i = at - offset;
          if (i >= 0 && i < n) REGION.view.setUint8(i, REGION.view.getUint8(i) ^ 0x55);
        }
        assertEquals(to.write(REGION, 0, n), n);
      }
      assertEquals(to.setState(DEVICE_STATE.STOP), 0);
      const [left, right] = [from.image(), to.image()];
      assertEquals(left && right && compareImages(left, right), wrong[0]);
      for (const device of [from, to]) device.close();
      closeRecording(recording);
    }
  }));

/** What of this folder the process has open. Other tests may run beside this one. */
function openFilesIn(folder: string): unknown[] {
  const fds = readDirectory("/proc/self/fd");
  const links = typeof fds === "number" ? [fds] : fds.map((fd) => readLink(`/proc/self/fd/${fd}`));
  return links.filter((link) => typeof link === "string" && link.startsWith(folder));
}

Deno.test("files that are there are not written over, and no fd is left", () =>
  inFolder((folder) => {
    for (const there of ["a.jsonl", "a.bin"]) {
      Deno.writeTextFileSync(`${folder}/${there}`, "mine");
      const error = assertThrows(() => record(`${folder}/a`), RecordingError);
      assertStringIncludes(error.message, `Cannot record to ${folder}/${there}`);
      assertStringIncludes(error.message, "already");
      assertEquals(Deno.readTextFileSync(`${folder}/${there}`), "mine");
      assertEquals([...Deno.readDirSync(folder)].length, 1);
      Deno.removeSync(`${folder}/${there}`);
    }
    const error = assertThrows(() => record(`${folder}/no/a`), RecordingError);
    assertMatch(error.message, /^Cannot record to \S+: ENOENT \(No such file or directory\)$/);
    assertEquals(openFilesIn(folder), []);
  }));

Deno.test("a write that fails is told once, the device goes on, and the files can be removed", () =>
  inFolder((folder) => {
    for (const broken of ["lines", "data"] as const) {
      const clock = createFakeClock();
      const memory = memoryOf(PROFILE.state_size, 7);
      const device = new SimulatedDevice({ id: "nic0", profile: PROFILE, clock, memory });
      const fd = open("/dev/full", OPEN.O_WRONLY);
      assertGreaterOrEqual(fd, 0);
      const real = createRecordingWriter(`${folder}/a`, { chunk: CHUNK, data: "file", seed: 1 });
      close(broken === "lines" ? real.linesFd : real.dataFd);
      const writer: RecordingWriter = broken === "lines"
        ? { ...real, linesFd: fd }
        : { ...real, dataFd: fd };
      const recorder = new RecordingDevice(device, "src", clock, writer);
      driveSaving(recorder, CHUNK, REGION);
      assertEquals(recorder.getState(), DEVICE_STATE.RUNNING);
      recorder.close();
      assertMatch(
        writer.failure ?? "",
        /^Cannot record to \S+: ENOSPC \(No space left on device\)$/,
      );
      removeRecording(writer);
      assertEquals([...Deno.readDirSync(folder)], []);
    }
  }));

Deno.test("a recording that was cut off by a kill is refused, wherever it was", () =>
  inFolder(async (folder) => {
    record(`${folder}/a`);
    const text = await Deno.readTextFile(`${folder}/a.jsonl`);
    const bytes = await Deno.readFile(`${folder}/a.bin`);
    await Deno.writeFile(`${folder}/b.bin`, bytes);
    const end = text.lastIndexOf(`"state":"STOP"`);
    for (let at = 0; at < end; at += 611) {
      await Deno.writeTextFile(`${folder}/b.jsonl`, text.slice(0, at));
      let message = "";
      await readRecording(`${folder}/b.jsonl`).catch((error) => message = error.message);
      assertMatch(message, /^Cannot replay [^\n]+$/, `cut off at ${at}`);
    }
  }));
