import { assert, assertEquals, assertGreater } from "@std/assert";
import fc from "fast-check";
import { ERRNO, type Region, regionOf } from "../../libc/mod.ts";
import { DEVICE_STATE, type DeviceState, PRECOPY_INFO, type PrecopyInfo } from "../../vfio/mod.ts";
import { compareImages } from "../compare_images.ts";
import type { Device } from "../device.ts";
import { readRecording, recordedCalls, type Recording } from "./recording.ts";
import { ReplayedDevice } from "./replayed_device.ts";
import { capturePath, CAPTURES } from "./testdata/captures.ts";

const { RUNNING, STOP, RESUMING, PRE_COPY, PRE_COPY_P2P, STOP_COPY } = DEVICE_STATE;
const MIB = 1024 * 1024;
const REGION = regionOf(new ArrayBuffer(2 * MIB));

const RECORDINGS = await Promise.all(
  CAPTURES.map(async (name) => {
    const recording = await readRecording(capturePath(name));
    return { name, recording, bytes: await Deno.readFile(recording.dataPath ?? "") };
  }),
);
const [MTTY_10, , MIGDEV] = RECORDINGS;
assert(MTTY_10 !== undefined && MIGDEV !== undefined);

function withDevice(made: ReplayedDevice | number, test: (device: ReplayedDevice) => void): void {
  if (typeof made === "number") throw new Error(`Cannot make a device: received ${made}`);
  try {
    test(made);
  } finally {
    made.close();
  }
}

function infoOf(device: Device): PrecopyInfo | number {
  const info = { flags: 77, initialBytes: -1, dirtyBytes: -1 };
  const result = device.getPrecopyInfo(info);
  return result < 0 ? result : info;
}

function sizeOf(device: Device): number {
  const out = { stopCopyLength: -1 };
  const result = device.getDataSize(out);
  return result < 0 ? result : out.stopCopyLength;
}

/** Reads until nothing comes; every byte must be the capture's next one. Returns the offset after it. */
function readOn(
  device: Device,
  bytes: Uint8Array,
  from: number,
  region: Region | null = REGION,
): number {
  let offset = from;
  for (;;) {
    const n = device.read(region, MIB);
    if (n <= 0) return offset;
    if (region !== null) assertBytes(bytes, offset, n);
    offset += n;
  }
}

function assertBytes(bytes: Uint8Array, offset: number, length: number): void {
  const got = REGION.bytes.subarray(0, length);
  const expected = bytes.subarray(offset, offset + length);
  if (got.every((byte, i) => byte === expected[i])) return;
  assertEquals(got, expected);
}

for (const { name, recording, bytes } of RECORDINGS) {
  Deno.test(`${name}: asked in the recorded order, a replay gives the recorded answers`, () => {
    withDevice(ReplayedDevice.source("r", recording), (device) => {
      assertEquals(device.setPrecopyInfoV2(), 0);
      let offset = 0;
      for (const [i, call] of [...recordedCalls(recording)].entries()) {
        const where = `call ${i}, ${call.call}`;
        switch (call.call) {
          case "state":
            assertEquals(device.setState(call.state), call.result, where);
            break;
          case "size":
            assertEquals(sizeOf(device), call.stopCopyLength, where);
            break;
          case "info": {
            const { result, flags, initialBytes, dirtyBytes } = call;
            const expected = result < 0 ? result : { flags, initialBytes, dirtyBytes };
            assertEquals(infoOf(device), expected, where);
            break;
          }
          case "read":
            assertEquals(device.read(REGION, MIB), call.result, where);
            if (call.result <= 0) break;
            assertBytes(bytes, offset, call.result);
            offset += call.result;
        }
      }
      assertEquals(offset, recording.length);
      assertEquals(device.read(REGION, 1), -ERRNO.ENODEV);
    });
  });

  Deno.test(`${name}: stopped at once, a replay gives everything in STOP_COPY`, () => {
    withDevice(ReplayedDevice.source("r", recording), (device) => {
      assertEquals(device.setState(STOP_COPY), 0);
      assertEquals(readOn(device, bytes, 0), recording.length);
      assertEquals(device.read(REGION, 1), 0);
      assertEquals(device.read(REGION, 1), 0);
    });
  });

  Deno.test(`${name}: every session of a replay begins again`, () => {
    withDevice(ReplayedDevice.source("r", recording), (device) => {
      device.setPrecopyInfoV2();
      const begin =
        () => [sizeOf(device), device.setState(PRE_COPY), sizeOf(device), infoOf(device)];
      let first: unknown[] | null = null;
      for (const state of [RUNNING, STOP, RUNNING]) {
        const seen = begin();
        first ??= seen;
        assertEquals(seen, first);
        assertGreater(readOn(device, bytes, 0), 0);
        assertEquals(device.setState(state), 0);
        assertEquals(device.setState(RUNNING), 0);
      }
    });
  });

  Deno.test(`${name}: a destination takes the stream, and no byte less or more`, () => {
    withDevice(ReplayedDevice.destination("to", recording), (to) => {
      assertEquals(to.setState(RESUMING), 0);
      let done = 0;
      while (done < recording.length) {
        assertEquals(to.setState(STOP), -ERRNO.EINVAL);
        assertEquals(to.getState(), RESUMING);
        const length = Math.min(MIB, recording.length - done);
        REGION.bytes.set(bytes.subarray(done, done + length), 7);
        assertEquals(to.write(REGION, 7, length), length);
        done += length;
      }
      assertEquals(to.write(REGION, 0, 1), -ERRNO.ENOMEM);
      assertEquals(to.read(REGION, 1), -ERRNO.EBADF);
      assertEquals(infoOf(to), -ERRNO.EINVAL);
      assertEquals(to.setState(RUNNING), 0);
      assertEquals(to.write(REGION, 0, 1), -ERRNO.ENODEV);
      withDevice(ReplayedDevice.source("from", recording), (from) => {
        const [left, right] = [from.image(), to.image()];
        assertEquals(left && right && compareImages(left, right), -1);
      });
    });
  });
}

/** A user that reads and asks as he likes, and stops when he likes. */
type Step =
  | { readonly do: "read"; readonly length: number }
  | { readonly do: "info" }
  | { readonly do: "size" };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("read" as const), length: fc.integer({ min: 1, max: 300_000 }) }),
    fc.record({ do: fc.constantFrom("info" as const, "size" as const) }),
  ),
  { maxLength: 60 },
);

const smallSteps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("read" as const), length: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constantFrom("info" as const, "size" as const) }),
  ),
  { maxLength: 30 },
);

/** Plays the steps in PRE_COPY, stops, and reads the rest; the bytes must come whole and in order. */
function play(
  recording: Recording,
  bytes: Uint8Array,
  region: Region | null,
  plan: readonly Step[],
  stopBy: readonly DeviceState[],
): void {
  const { EINVAL } = ERRNO;
  withDevice(ReplayedDevice.source("r", recording), (device) => {
    device.setPrecopyInfoV2();
    let offset = 0;
    device.setState(PRE_COPY);
    for (const step of plan) {
      if (step.do === "size") assertGreater(sizeOf(device), 0);
      else if (step.do === "info") {
        const info = infoOf(device);
        assert(typeof info !== "number" && info.initialBytes >= 0 && info.dirtyBytes >= 0);
        assert(info.flags === 0 || info.flags === PRECOPY_INFO.REINIT);
      } else {
        const n = device.read(region, step.length);
        if (n <= 0) assertEquals(n, recording.emptyRead);
        if (n <= 0) continue;
        assert(n <= step.length);
        if (region !== null) assertBytes(bytes, offset, n);
        offset += n;
      }
    }
    for (const state of stopBy) assertEquals(device.setState(state), 0);
    assertEquals(infoOf(device), -EINVAL);
    assertGreater(sizeOf(device), 0);
    assertEquals(readOn(device, bytes, offset, region), recording.length);
    assertEquals(device.read(region, 1), 0);
  });
}

const stops = fc.constantFrom([STOP_COPY], [PRE_COPY_P2P, STOP_COPY]);

Deno.test("however a replay is read and asked, its bytes come whole and in order", () => {
  const region = fc.constantFrom(REGION, null);
  fc.assert(
    fc.property(smallSteps, stops, region, (plan, stopBy, region) => {
      play(MTTY_10.recording, MTTY_10.bytes, region, plan, stopBy);
    }),
    { numRuns: 100 },
  );
  fc.assert(
    fc.property(steps, stops, region, (plan, stopBy, region) => {
      play(MIGDEV.recording, MIGDEV.bytes, region, plan, stopBy);
    }),
    { numRuns: 20 },
  );
});

Deno.test("queries between parts of a recorded read give what is left of it", () => {
  withDevice(ReplayedDevice.source("r", MTTY_10.recording), (device) => {
    device.setPrecopyInfoV2();
    device.setState(PRE_COPY);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 24, dirtyBytes: 0 });
    assertEquals(device.read(REGION, 4), 4);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 20, dirtyBytes: 0 });
    assertEquals(sizeOf(device), 96);
    assertEquals(device.read(REGION, 10), 6);
    assertEquals(infoOf(device), { flags: 0, initialBytes: 14, dirtyBytes: 0 });
    assertEquals(infoOf(device), { flags: 0, initialBytes: 14, dirtyBytes: 0 });
  });
});

Deno.test("what was left of a read is forgotten with its session", () => {
  withDevice(ReplayedDevice.source("r", MTTY_10.recording), (device) => {
    device.setState(PRE_COPY);
    device.read(REGION, 4);
    device.setState(RUNNING);
    device.setState(PRE_COPY);
    assertEquals(infoOf(device), { flags: 77, initialBytes: 24, dirtyBytes: 0 });
    assertEquals(device.read(REGION, MIB), 10);
    assertBytes(MTTY_10.bytes, 0, 10);
  });
});

Deno.test("a REINIT that was read over is told by the next query, once, to who opted in", () => {
  for (const optedIn of [true, false]) {
    withDevice(ReplayedDevice.source("r", MIGDEV.recording), (device) => {
      if (optedIn) device.setPrecopyInfoV2();
      device.setState(PRE_COPY);
      // Over the initial data, the dirty data and the first read of the new initial data.
      let offset = 0;
      while (offset <= 4_720_320) offset += Math.max(0, device.read(null, MIB));
      const flags = [infoOf(device), infoOf(device)].map((info) =>
        typeof info === "number" ? info : info.flags
      );
      assertEquals(flags, optedIn ? [PRECOPY_INFO.REINIT, 0] : [77, 77]);
    });
  }
});

Deno.test("sizes that nobody asked for are not lost", () => {
  withDevice(ReplayedDevice.source("r", MIGDEV.recording), (device) => {
    device.setState(PRE_COPY);
    for (let i = 0; i < 80; i++) device.read(null, MIB);
    assertEquals(sizeOf(device), 524_504);
  });
});

Deno.test("when a replay has nothing left for PRE_COPY, it says so in both ways", () => {
  withDevice(ReplayedDevice.source("r", MIGDEV.recording), (device) => {
    device.setState(PRE_COPY);
    let empty = 0;
    while (empty < 10) if (device.read(null, MIB) < 0) empty++;
    infoOf(device); // the last recorded one: state that the recording moves in STOP_COPY
    assertEquals(device.read(null, MIB), -ERRNO.ENOMSG);
    assertEquals(infoOf(device), { flags: 77, initialBytes: 0, dirtyBytes: 0 });
  });
});

Deno.test("the data_fd's calls are EBADF before a session and after close, ENODEV after a session", () => {
  const { EBADF, ENODEV } = ERRNO;
  withDevice(ReplayedDevice.source("r", MTTY_10.recording), (device) => {
    const calls = () => [infoOf(device), device.read(null, 1), device.write(null, 0, 1)];
    assertEquals(calls(), [-EBADF, -EBADF, -EBADF]);
    device.setState(PRE_COPY);
    assertEquals(device.write(REGION, 0, 1), -EBADF);
    assertEquals(device.setState(RESUMING), 0);
    device.setState(RUNNING);
    assertEquals(device.reset(), 0);
    assertEquals(device.getState(), RUNNING);
    assertEquals(calls(), [-ENODEV, -ENODEV, -ENODEV]);
    device.close();
    device.close();
    assertEquals(calls(), [-EBADF, -EBADF, -EBADF]);
    assertEquals([device.setState(STOP), device.setPrecopyInfoV2(), device.reset()], [
      -EBADF,
      -EBADF,
      -EBADF,
    ]);
    assertEquals([sizeOf(device), device.image()], [-EBADF, null]);
  });
});

Deno.test("a reset ends the session, and the next destination starts from nothing", () => {
  const { recording, bytes } = MTTY_10;
  withDevice(ReplayedDevice.destination("to", recording), (to) => {
    to.setState(RESUMING);
    REGION.bytes.fill(0xee, 0, 50);
    to.write(REGION, 0, 50);
    assertEquals(to.reset(), 0);
    assertEquals(to.write(REGION, 0, 1), -ERRNO.ENODEV);
    to.setState(RESUMING);
    REGION.bytes.set(bytes);
    assertEquals(to.write(REGION, 0, 96), 96);
    assertEquals(to.setState(STOP), 0);
  });
});

Deno.test("without MIG_PRECOPY_INFOv2 in the recording there is none", () => {
  const recording = { ...MTTY_10.recording, precopyInfoV2: false };
  withDevice(ReplayedDevice.source("r", recording), (device) => {
    assertEquals(device.setPrecopyInfoV2(), -ERRNO.ENOTTY);
  });
});

Deno.test("a file that is gone gives ENOENT, one that shrank EIO", async () => {
  const { recording } = MTTY_10;
  assertEquals(
    ReplayedDevice.source("r", { ...recording, dataPath: "/nowhere/a.bin" }),
    -ERRNO.ENOENT,
  );
  const dataPath = await Deno.makeTempFile();
  try {
    await Deno.writeFile(dataPath, new Uint8Array(15));
    withDevice(ReplayedDevice.source("r", { ...recording, dataPath }), (device) => {
      device.setState(STOP_COPY);
      const reads = [1, 2, 3].map(() => device.read(REGION, 10));
      assertEquals(reads, [10, 5, -ERRNO.EIO]);
    });
  } finally {
    await Deno.remove(dataPath);
  }
});
