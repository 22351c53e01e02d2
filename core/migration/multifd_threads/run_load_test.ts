import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { wallClock } from "../../clock/mod.ts";
import { createStateMemory, GENERIC_PROFILE, SimulatedDevice } from "../../device/mod.ts";
import { ERRNO, regionOf } from "../../libc/mod.ts";
import { pushRecord, slotsInUse, slotStart, takeSlot } from "../../memory/mod.ts";
import { DEVICE_STATE } from "../../vfio/mod.ts";
import {
  loadCanceller,
  loadsCancelled,
  loadsRunning,
  startSwitchover,
  takeConfigTurn,
} from "../multifd/mod.ts";
import { createLoadShared, type LoadShared } from "./load_shared.ts";
import { addQueued } from "./queued_bytes.ts";
import { runLoad } from "./run_load.ts";

const SIZE = 10_000;
const READ = 1000;

function device(): SimulatedDevice {
  const memory = createStateMemory("nic0", SIZE);
  assert(typeof memory !== "number");
  const profile = { ...GENERIC_PROFILE, state_size: SIZE, precopy: false };
  return new SimulatedDevice({ id: "nic0", profile, clock: wallClock, memory });
}

/** Loads what `fill` queues of a source's buffers, on no channels any more; the thread's result. */
function load(
  fill: (shared: LoadShared, queueBuffer: (idx: number) => void, count: number) => void,
  test: (shared: LoadShared, result: ReturnType<typeof runLoad>, wholeBytes: number) => void,
): void {
  const [source, destination] = [device(), device()];
  const sizes = [{ stateBytes: 2 * SIZE, leastRead: READ, mostRead: READ }];
  const ends = { fds: [], broken: new Int32Array(new SharedArrayBuffer(4)) };
  const shared = createLoadShared(["nic0"], sizes, ends, 0);
  const [queue] = shared.queues;
  assert(queue !== undefined);
  source.setState(DEVICE_STATE.STOP_COPY);
  destination.setState(DEVICE_STATE.RESUMING);
  const buffers: Uint8Array[] = [];
  const region = regionOf(new ArrayBuffer(READ));
  for (let n = 1; (n = source.read(region, READ)) > 0;) buffers.push(region.bytes.slice(0, n));
  const wholeBytes = buffers.reduce((sum, { length }) => sum + length, 0);
  fill(shared, (idx) => {
    const bytes = buffers[idx];
    if (bytes === undefined) return void pushRecord(queue, -1, idx, 1, 0);
    const slot = takeSlot(shared.pool);
    new Uint8Array(shared.pool.buffer).set(bytes, slotStart(shared.pool, slot));
    addQueued(shared.queued, 0, bytes.length);
    pushRecord(queue, slot, idx, 0, bytes.length);
  }, buffers.length);
  startSwitchover(shared.gate);
  test(shared, runLoad(shared, 0, destination.handOver(), 1), wholeBytes);
  source.close();
  destination.close();
}

Deno.test("buffers in any order are written in the order of their idx, and leave nothing behind", () => {
  load((_shared, queueBuffer, count) => {
    for (let idx = count; idx >= 0; idx--) queueBuffer(idx);
  }, (shared, result, wholeBytes) => {
    assertEquals([result.failure, result.bytes], [null, wholeBytes]);
    assert(result.handover?.kind === "simulated" && result.handover.loader.ended);
    assertEquals(result.durationsNs.length, Math.ceil(wholeBytes / READ));
    assertEquals([slotsInUse(shared.pool), loadsRunning(shared.gate)], [0, 0]);
    assertEquals(shared.queued.words[0], 0);
    assertEquals(takeConfigTurn(shared.gate, 1), true);
  });
});

Deno.test("a duplicate idx cancels all loads, and blames the device", () => {
  load((_shared, queueBuffer) => {
    queueBuffer(1);
    queueBuffer(1);
  }, (shared, { failure }) => {
    assertEquals([failure?.device, failure?.errno], ["nic0", "EEXIST"]);
    assertStringIncludes(failure?.message ?? "", "state buffer 1 already filled");
    assertEquals(
      [loadsCancelled(shared.gate), loadCanceller(shared.gate)],
      [-ERRNO.EEXIST, 0],
    );
  });
});

Deno.test("a buffer that is missing when all channels have ended is nobody's but the peer's fault", () => {
  load((_shared, queueBuffer, count) => {
    for (let idx = 1; idx <= count; idx++) queueBuffer(idx);
  }, (shared, { failure, bytes }) => {
    assertEquals([failure?.device, failure?.errno, bytes], [null, "ECONNRESET", 0]);
    assertEquals(loadCanceller(shared.gate), -1);
  });
});
