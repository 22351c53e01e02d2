import { assert, assertEquals } from "@std/assert";
import { wallClock } from "../clock/mod.ts";
import { ERRNO, regionOf } from "../libc/mod.ts";
import { DEVICE_STATE } from "../vfio/mod.ts";
import { compareImages } from "./compare_images.ts";
import { isMovable, type MovableDevice, takeOverDevice } from "./hand_over.ts";
import { GENERIC_PROFILE } from "./profile.ts";
import { readRecording } from "./replayed/recording.ts";
import { ReplayedDevice } from "./replayed/replayed_device.ts";
import { SimulatedDevice } from "./simulated/simulated_device.ts";
import { createStateMemory, fillState } from "./simulated/state_memory.ts";

const { RUNNING, PRE_COPY, STOP_COPY, STOP, RESUMING } = DEVICE_STATE;
const SIZE = 300_000;
const region = regionOf(new ArrayBuffer(64 * 1024));

function simulated(seed: number | null): SimulatedDevice {
  const memory = createStateMemory("nic0", SIZE);
  assert(typeof memory !== "number");
  if (seed !== null) fillState(memory, seed);
  const profile = { ...GENERIC_PROFILE, state_size: SIZE, initial_fraction: 0.5 };
  return new SimulatedDevice({ id: "nic0", profile, clock: wallClock, memory });
}

function replayed(device: ReplayedDevice | number): ReplayedDevice {
  assert(typeof device !== "number");
  return device;
}

/** A buffer from one to the other; what the read gave. */
function moveOne(source: MovableDevice, destination: MovableDevice): number {
  const n = source.read(region, region.bytes.length);
  for (let done = 0; done < n;) {
    const took = destination.write(region, done, n - done);
    assert(took > 0);
    done += took;
  }
  return n;
}

/** The device as another thread has it: what it gets went through a structured clone. */
function elsewhere(device: MovableDevice): MovableDevice {
  return takeOverDevice(structuredClone(device.handOver()), wallClock);
}

const capture = new URL("./testdata/migdev4-64K-dirty.jsonl", import.meta.url).pathname;
const PAIRS: Record<string, () => Promise<[MovableDevice, MovableDevice]>> = {
  simulated: () => Promise.resolve([simulated(7), simulated(null)]),
  replayed: async () => {
    const recording = await readRecording(capture);
    return [
      replayed(ReplayedDevice.source("dev0", recording)),
      replayed(ReplayedDevice.destination("dev0", recording)),
    ];
  },
};

for (const [kind, open] of Object.entries(PAIRS)) {
  Deno.test(`a ${kind} device that changes hands after every buffer arrives whole`, async () => {
    const [source, destination] = await open();
    assertEquals(source.setState(PRE_COPY), 0);
    assertEquals(destination.setState(RESUMING), 0);
    const empty = (n: number) => n === 0 || n === -ERRNO.ENOMSG;
    let moves = 0;
    for (const state of [PRE_COPY, STOP_COPY]) {
      for (let n = 1; !empty(n);) {
        const [saving, loading] = [elsewhere(source), elsewhere(destination)];
        assertEquals(saving.setState(state), 0);
        n = moveOne(saving, loading);
        source.takeBack(structuredClone(saving.handOver()));
        destination.takeBack(structuredClone(loading.handOver()));
        assertEquals(source.getState(), state);
        moves++;
      }
    }
    assert(moves > 3);
    assertEquals(source.setState(STOP), 0);
    assertEquals(destination.setState(RUNNING), 0);
    const [own, other] = [source.image(), destination.image()];
    assert(own !== null && other !== null);
    assertEquals(compareImages(own, other), -1);
    source.close();
    destination.close();
    assertEquals([source.image(), destination.image()], [null, null]);
  });

  Deno.test(`a ${kind} device whose stream is not whole is refused by the one who has it back`, async () => {
    const [source, destination] = await open();
    source.setState(PRE_COPY);
    destination.setState(RESUMING);
    const loading = elsewhere(destination);
    moveOne(source, loading);
    destination.takeBack(loading.handOver());
    assertEquals(destination.setState(RUNNING), -ERRNO.EINVAL);
    source.close();
    destination.close();
  });
}

Deno.test("what knows nothing of handing over is not movable", () => {
  const device = simulated(null);
  assertEquals([isMovable(device), isMovable({ id: "nic0" })], [true, false]);
  device.close();
});
